using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Jobs;

/// <summary>What an administrator can see of jobs and do with them, on one host.</summary>
[TestFixture]
internal sealed class JobTests : OnRealServers
{
    private readonly TaskCompletionSource _open = new();
    private EventClient _client = null!;
    private JobOrder? _ordered;

    [OneTimeSetUp]
    public async Task Start()
    {
        var host = await World.Start("gateway,scheduler", services =>
        {
            services.AddSingleton<IMaintenanceJob>(new TestJob("quick", (order, _) =>
            {
                _ordered = order;
                return Task.FromResult(new JobOutcome("Looked at 3 files.", new Dictionary<string, long> { ["files"] = 3 }));
            }));
            services.AddSingleton<IMaintenanceJob>(new TestJob("gated", async (_, ct) =>
            {
                await _open.Task.WaitAsync(ct);
                return TestJob.Done();
            }));
            services.AddSingleton<IMaintenanceJob>(new TestJob("endless", TestJob.Forever));
            services.AddSingleton<IMaintenanceJob>(new TestJob("broken", (_, _) => throw new InvalidOperationException("The lake is dry."), "0/10 * * * * ?"));
            services.AddSingleton<IMaintenanceJob>(new TestJob("often", (_, _) => Task.FromResult(TestJob.Done()), "* * * * * ?"));
            services.Configure<JobsOptions>(jobs => (jobs.Attempts, jobs.RetryDelay, jobs.HistoryRuns) = (3, TimeSpan.FromMilliseconds(200), 5));
        });
        _client = host.Client;
        await _client.SignIn();
    }

    [Test]
    public async Task A_run_that_was_asked_for_is_in_the_history_with_its_order_and_its_figures()
    {
        var (status, run) = await _client.Run("quick", new { app_id = "shop", from = "2026-11-01T00:00:00Z", to = "2026-11-02T00:00:00Z", dry_run = true });
        Assert.That((status, run.GetProperty("state").GetString(), run.GetProperty("trigger").GetString(), run.GetProperty("by").GetString()), Is.EqualTo((202, "running", "admin", World.Email)));
        await Eventually(async () => (await _client.States("quick"))[0], Is.EqualTo("succeeded"));

        var kept = (await _client.Runs("quick"))[0];
        Assert.That(kept.Id(), Is.EqualTo(run.Id()));
        Assert.That((kept.GetProperty("summary").GetString(), kept.GetProperty("figures").GetProperty("files").GetInt64(), kept.GetProperty("app_id").GetString(), kept.GetProperty("dry_run").GetBoolean()),
            Is.EqualTo(("Looked at 3 files.", 3L, "shop", true)));
        Assert.That(kept.GetProperty("host").GetString(), Does.StartWith(Environment.MachineName + ":").And.Contain(_client.Http.BaseAddress!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(_ordered, Is.EqualTo(new JobOrder("shop", new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero), true)));
        Assert.That(await World.Count($"select count(*) from audit_log where action = 'job-run-started' and subject = 'job/quick' and changes::text like '%{run.Id()}%'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_job_runs_once_at_a_time_and_who_asks_meanwhile_is_told_which_run_it_is()
    {
        var (_, run) = await _client.Run("gated");
        var (status, refusal) = await _client.Run("gated");
        Assert.That((status, refusal.GetProperty("code").GetString(), refusal.GetProperty("run_id").GetString()), Is.EqualTo((409, "job-running", run.Id())));
        Assert.That((await _client.Job("gated")).GetProperty("running").GetBoolean(), Is.True);
        _open.SetResult();
        await Eventually(async () => await _client.States("gated"), Is.EqualTo(new[] { "succeeded" }));
        Assert.That((await _client.Job("gated")).GetProperty("running").GetBoolean(), Is.False);
    }

    [Test]
    public async Task A_run_is_cancelled_and_the_history_says_by_whom()
    {
        var (_, run) = await _client.Run("endless");
        Assert.That((await _client.Cancel(run.Id())).Status, Is.EqualTo(200));
        await Eventually(async () => (await _client.States("endless"))[0], Is.EqualTo("cancelled"));
        Assert.That((await _client.Runs("endless"))[0].GetProperty("error").GetString(), Is.EqualTo($"Cancelled by {World.Email}."));

        var (status, refusal) = await _client.Cancel(run.Id());
        Assert.That((status, refusal.GetProperty("code").GetString()), Is.EqualTo((409, "run-ended")));
        Assert.That((await _client.Cancel(Guid.CreateVersion7().ToString())).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_scheduled_run_that_fails_is_tried_again_after_growing_pauses_and_then_no_more()
    {
        await Eventually(() => World.Count("select count(*) from job_runs where job = 'broken' and attempt = 3 and state = 'failed' and error = 'The lake is dry.'"), Is.GreaterThan(0));
        Assert.That(await World.Count("select max(attempt) from job_runs where job = 'broken'"), Is.EqualTo(3));
        Assert.That(await World.Count("select count(*) from quartz.qrtz_triggers where job_name = 'broken' and trigger_group = 'again' and trigger_state <> 'COMPLETE'"), Is.Zero);
        Assert.That(await World.Scalar(
            """
            select min(later.started_at - failed.ended_at) from job_runs failed join job_runs later on later.job = failed.job and later.attempt = failed.attempt + 1 and later.started_at > failed.ended_at
            where failed.job = 'broken' and failed.attempt = 2
            """), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(400)));
    }

    [Test]
    public async Task A_paused_job_does_not_run_by_itself_but_when_it_is_asked_to_and_goes_on_when_resumed()
    {
        await Eventually(async () => (await _client.Runs("often")).Count, Is.GreaterThan(1));
        Assert.That((await _client.Job("often")).GetProperty("next_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromSeconds(3)));

        var (status, job) = await _client.Pause("often");
        Assert.That((status, job.GetProperty("paused").GetBoolean(), job.TryGetProperty("next_at", out _)), Is.EqualTo((200, true, false)));
        var last = (await _client.Runs("often"))[0].GetProperty("started_at").GetDateTimeOffset();
        await Task.Delay(2500);   // the absence of something has no event to wait for
        Assert.That((await _client.Runs("often"))[0].GetProperty("started_at").GetDateTimeOffset(), Is.LessThan(last.AddSeconds(1.5)), "at most the tick that was under way");
        await Eventually(async () => (await _client.Run("often")).Status, Is.EqualTo(202));

        Assert.That((await _client.Resume("often")).Body.GetProperty("paused").GetBoolean(), Is.False);
        var resumed = DateTimeOffset.UtcNow;
        await Eventually(async () => (await _client.Runs("often")).Count(run => run.GetProperty("trigger").GetString() == "schedule" && run.GetProperty("started_at").GetDateTimeOffset() > resumed), Is.GreaterThan(1));
        Assert.That(await World.Count("select count(*) from audit_log where action in ('job-paused', 'job-resumed') and subject = 'job/often'"), Is.EqualTo(2));
    }

    [Test]
    public async Task The_history_keeps_so_many_runs_of_each_job_and_is_read_in_pages()
    {
        for (var i = 0; i < 8; i++)
        {
            await Eventually(async () => (await _client.Run("quick")).Status, Is.EqualTo(202));
            await Eventually(async () => (await _client.States("quick"))[0], Is.EqualTo("succeeded"));
        }
        var all = (await _client.Runs("quick")).Select(JobsClient.Id).ToList();
        Assert.That(all, Has.Count.EqualTo(5));

        var page = await _client.Get("/api/v1/operations/jobs/quick/runs?limit=2");
        Assert.That(page.GetProperty("runs").EnumerateArray().Select(JobsClient.Id), Is.EqualTo(all[..2]));
        var next = page.GetProperty("next").GetString();
        Assert.That((await _client.Runs("quick", $"?limit=3&before={next}")).Select(JobsClient.Id), Is.EqualTo(all[2..5]));
        Assert.That((await _client.Get($"/api/v1/operations/jobs/quick/runs?limit=3&before={next}")).TryGetProperty("next", out _), Is.False);
    }

    [Test]
    public async Task What_cannot_be_is_refused_with_what_to_change()
    {
        Assert.That((await _client.Run("no-such-job")).Status, Is.EqualTo(404));
        var (status, refusal) = await _client.Run("inbox-cleanup", new { app_id = "shop" });
        Assert.That((status, refusal.GetProperty("code").GetString()), Is.EqualTo((400, "order-unfit")));
        (status, refusal) = await _client.Run("quick", new { app_id = "../x", from = "2026-11-02T00:00:00Z", to = "2026-11-01T00:00:00Z" });
        Assert.That((status, refusal.GetProperty("errors").EnumerateObject().Select(e => e.Name)), Is.EqualTo((400, new[] { "app_id", "to" })));
    }

    [Test]
    public async Task The_inbox_forgets_what_came_long_ago_whatever_its_id_is()
    {
        // ids that are hashes sort anywhere among those that tell the time
        await World.Execute(
            """
            insert into sink_inbox (message_id, at) values
                ('00000000-0000-0000-0000-000000000001', now()), ('ffffffff-ffff-4fff-bfff-ffffffffff01', now()),
                ('00000000-0000-0000-0000-000000000002', now() - interval '15 days'), ('ffffffff-ffff-4fff-bfff-ffffffffff02', now() - interval '15 days')
            """);
        await _client.Run("inbox-cleanup", new { dry_run = true });
        await Eventually(async () => (await _client.States("inbox-cleanup"))[0], Is.EqualTo("succeeded"));
        Assert.That((await _client.Job("inbox-cleanup")).GetProperty("last").GetProperty("summary").GetString(), Is.EqualTo("Would forget 2 messages."));
        Assert.That(await World.Count("select count(*) from sink_inbox"), Is.EqualTo(4));

        await Eventually(async () => (await _client.Run("inbox-cleanup")).Status, Is.EqualTo(202));
        await Eventually(() => World.Count("select count(*) from sink_inbox"), Is.EqualTo(2));
        Assert.That(await World.Count("select count(*) from sink_inbox where at < now() - interval '1 day'"), Is.Zero);
    }
}
