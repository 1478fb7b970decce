using System.Collections.Concurrent;
using Causality.JobsHost;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Jobs;

/// <summary>Several hosts with the role, on one database.</summary>
[TestFixture]
internal sealed class ClusterTests : OnRealServers
{
    [Test, Order(1)]
    public async Task A_job_that_is_due_every_second_runs_once_for_each_of_them_on_two_hosts()
    {
        ConcurrentQueue<DateTime> runs = [];
        var first = await World.Start("gateway,scheduler", Often);
        var second = await World.Start("scheduler", Often);
        await Eventually(() => runs.Count, Is.GreaterThan(8));
        var times = runs.ToArray();
        var seconds = (times[^1] - times[0]).TotalSeconds;
        Assert.That(times, Has.Length.LessThanOrEqualTo(seconds + 2).And.Length.GreaterThanOrEqualTo(seconds - 2));

        // what one of them is told holds for both
        await first.Client.SignIn();
        await first.Client.Pause("often");
        await Eventually(() => World.Scalar("select trigger_state from quartz.qrtz_triggers where job_name = 'often' and trigger_group = 'schedule'"), Is.EqualTo("PAUSED"));
        await second.Stop();
        await first.Stop();
        var third = await World.Start("gateway,scheduler", Often);
        await third.Client.SignIn();
        Assert.That((await third.Client.Job("often")).GetProperty("paused").GetBoolean(), Is.True, "a restart does not resume it");
        await third.Stop();

        void Often(IServiceCollection services) => services.AddSingleton<IMaintenanceJob>(new TestJob("often", (_, _) =>
        {
            runs.Enqueue(DateTime.UtcNow);
            return Task.FromResult(TestJob.Done());
        }, "* * * * * ?"));
    }

    [Test, Order(2)]
    public async Task A_host_that_stops_cancels_its_run_in_time_and_another_host_begins_it_again()
    {
        var first = await World.Start("gateway,scheduler", Endless);
        await Eventually(() => World.Count("select count(*) from job_runs where job = 'endless' and state = 'running'"), Is.EqualTo(1));
        var run = await World.Scalar("select id from job_runs where job = 'endless' and state = 'running'");
        var second = await World.Start("gateway,scheduler", Endless);
        await first.Stop();

        Assert.That(await World.Scalar($"select state || ': ' || error from job_runs where id = '{run}'"), Is.EqualTo("cancelled: The host was stopped."));
        await Eventually(() => World.Count($"select count(*) from job_runs where job = 'endless' and state = 'running' and id > '{run}' and caused_by = 'schedule'"), Is.EqualTo(1));
        await second.Client.SignIn();
        await second.Client.Cancel((await second.Client.Runs("endless"))[0].Id());
        await second.Stop();

        // due in the first test's moment only: what comes after it comes because it was begun again
        static void Endless(IServiceCollection services) => services.AddSingleton<IMaintenanceJob>(new TestJob("endless", TestJob.Forever, "0/5 * * * * ?"));
    }

    [Test, Order(3)]
    public async Task A_run_whose_host_is_killed_is_lost_within_seconds_and_runs_on_another_host()
    {
        var gateway = await World.Start("gateway");
        var first = await World.Launch(typeof(LongJob).Assembly, []);
        await Eventually(() => World.Count("select count(*) from job_runs where job = 'long' and state = 'running'"), Is.EqualTo(1));
        var (run, host) = ((Guid)(await World.Scalar("select id from job_runs where job = 'long' and state = 'running'"))!, await World.Scalar("select host from job_runs where job = 'long' and state = 'running'"));
        var second = await World.Launch(typeof(LongJob).Assembly, []);
        await Eventually(() => World.Count("select count(*) from hosts where 'scheduler' = any (roles)"), Is.EqualTo(2));

        await first.Kill();
        await Eventually(() => World.Scalar($"select state from job_runs where id = '{run}'"), Is.EqualTo("lost"), TimeSpan.FromSeconds(6));
        await Eventually(() => World.Count($"select count(*) from job_runs where job = 'long' and state = 'running' and id > '{run}' and host <> '{host}'"), Is.EqualTo(1), TimeSpan.FromSeconds(6));
        await World.Execute("create table let_go ()");
        await Eventually(() => World.Count($"select count(*) from job_runs where job = 'long' and state = 'succeeded' and id > '{run}'"), Is.GreaterThan(0));

        // the killed one stays in the list, and is not alive; the other says goodbye
        await gateway.Client.SignIn();
        await Eventually(() => World.Count($"select count(*) from hosts where name = '{host}' and seen_at < now() - interval '10 s'"), Is.EqualTo(1));
        Assert.That((await second.Terminate()).ExitCode, Is.Zero, second.Output);
        Assert.That(await World.Count("select count(*) from hosts where 'scheduler' = any (roles)"), Is.EqualTo(1));
    }
}
