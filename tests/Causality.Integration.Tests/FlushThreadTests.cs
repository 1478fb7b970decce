using Causality.Sink.Flushing;
using NUnit.Framework;

namespace Causality.Integration.Tests;

internal sealed class FlushThreadTests
{
    [Test]
    public async Task What_comes_after_an_await_is_on_the_thread_too_and_the_caller_goes_on_elsewhere()
    {
        using var flushes = new FlushThread();
        var names = new List<string?>();

        await flushes.Run(async () =>
        {
            names.Add(Thread.CurrentThread.Name);
            await Task.Delay(1);
            names.Add(Thread.CurrentThread.Name);
            return 0;
        }, CancellationToken.None);

        Assert.That(names, Is.EqualTo(new[] { "flush", "flush" }));
        Assert.That(Thread.CurrentThread.Name, Is.Not.EqualTo("flush"));
    }

    [Test]
    public void What_a_step_throws_is_the_callers()
    {
        using var flushes = new FlushThread();
        Assert.That(() => flushes.Run<int>(() => throw new IOException("no"), CancellationToken.None), Throws.InstanceOf<IOException>());
        Assert.That(() => flushes.Run<int>(async () =>
        {
            await Task.Yield();
            throw new IOException("no");
        }, CancellationToken.None), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_step_that_is_under_way_when_the_thread_ends_still_ends()
    {
        var flushes = new FlushThread();
        var go = new TaskCompletionSource();
        var step = flushes.Run(async () =>
        {
            await go.Task;
            return 1;
        }, CancellationToken.None);

        flushes.Dispose();
        go.SetResult();

        Assert.That(await step.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(1));
    }
}
