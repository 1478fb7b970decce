using System.Diagnostics;

namespace Causality.Benchmarks.Faults.Kinds;

internal sealed class PostgresStopped : Fault
{
    public override string Name => "postgres-sigstop";
    public override string Sentence => "SIGSTOP of all processes of PostgreSQL: connections stay open and nobody answers.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.Postgres.Thaw(CancellationToken.None));
        await site.Postgres.Freeze(ct);
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        await site.Postgres.Thaw(ct);
    }
}

internal sealed class PostgresKilled : Fault
{
    public override string Name => "postgres-killed";
    public override string Sentence => "kill -9 of all processes of PostgreSQL, then its start, with its recovery from the log.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.Postgres.Start(CancellationToken.None));
        await site.Postgres.Kill(ct);
        await Task.Delay(site.Settings.Outage, ct);
        await site.Postgres.Start(ct);
        site.Over();
    }
}

internal sealed class SessionsEnded : Fault
{
    public override string Name => "postgres-sessions-ended";
    public override string Sentence => "pg_terminate_backend of every session of the product, three times a second.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < site.Settings.Outage; await Task.Delay(300, ct))
            await site.Administer($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{site.VirtualHost}'", ct);
    }
}

internal sealed class AnswersOfCommitsLost : Fault
{
    private const int Commits = 20;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(120);

    public override string Name => "commit-answers-lost";
    public override string Sentence => "The connection to PostgreSQL ends when a COMMIT was sent and done, before its answer: twenty times.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.PostgresWire.LoseAnswersOfCommits(Commits);
        for (var start = Stopwatch.GetTimestamp(); site.PostgresWire.CommitsLost < Commits; await Task.Delay(50, ct))
            if (Stopwatch.GetElapsedTime(start) > Enough)
                throw new InvalidOperationException($"Only {site.PostgresWire.CommitsLost} of {Commits} commits came by within {Enough.TotalSeconds:0} s, so nothing is proven.");
    }
}
