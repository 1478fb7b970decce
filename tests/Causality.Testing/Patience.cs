using System.Diagnostics;
using NUnit.Framework;
using NUnit.Framework.Constraints;
using NUnit.Framework.Internal;

namespace Causality.Testing;

/// <summary>Waiting for what comes in its own time, with a deadline, instead of sleeping: <c>using static</c> it.</summary>
public static class Patience
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads until what was read satisfies the constraint, and answers it; fails, telling the last, when it does not within the time (20 s).</summary>
    public static async Task<T> Eventually<T>(Func<Task<T>> read, IResolveConstraint expected, TimeSpan? within = null)
    {
        var constraint = expected.Resolve();
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(Pause))
        {
            var late = Stopwatch.GetElapsedTime(started) > (within ?? Usual);
            var actual = await read();
            var result = constraint.ApplyTo(actual);
            if (result.IsSuccess)
                return actual;
            if (!late)
                continue;
            using var words = new TextMessageWriter($"Not within {within ?? Usual}");
            result.WriteMessageTo(words);
            Assert.Fail(words.ToString());
        }
    }

    public static Task<T> Eventually<T>(Func<T> read, IResolveConstraint expected, TimeSpan? within = null) =>
        Eventually(() => Task.FromResult(read()), expected, within);
}
