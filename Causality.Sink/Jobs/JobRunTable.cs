using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Jobs;

/// <summary>The history of runs, which is also where hosts see what the others run.</summary>
internal static class JobRunTable
{
    private const string Columns = "id, job, caused_by, dry_run, host, started_at, state, by_email, app_id, from_time, to_time, ended_at, summary, figures::text, error";

    /// <summary>
    /// Begins a run in the lock's session. Runs of the job that are still there as running are of hosts that are gone; how many attempts the last of them was of
    /// the schedule does not count any more, since this run does its work.
    /// </summary>
    public static async Task<JobRun> Begin(RunLock held, string job, JobOrder order, JobCause cause, string host, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(held.Connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"update job_runs set {Lost} where job = $1 and state = 'running'") { Parameters = { new() { Value = job } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            insert into job_runs (id, job, caused_by, by_email, app_id, from_time, to_time, dry_run, attempt, host, session)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, pg_backend_pid()) returning {Columns}
            """)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7() }, new() { Value = job }, new() { Value = Word(cause.Trigger) }, Text(cause.By), Text(order.AppId), Time(order.From), Time(order.To),
                new() { Value = order.DryRun }, new() { Value = cause.Attempt }, new() { Value = host },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return Read(reader);
    }

    /// <summary>Tells that the run's host is alive. Answers who wants it cancelled, if anybody does.</summary>
    public static async Task<string?> Beat(RunLock held, Guid run, CancellationToken ct)
    {
        await using var beat = new NpgsqlCommand("update job_runs set seen_at = now() where id = $1 and state = 'running' returning cancelled_by", held.Connection) { Parameters = { new() { Value = run } } };
        await using var reader = await beat.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? reader.GetString(0) : null;
    }

    /// <summary>Says in the lock's session how the run ended, and drops what the history need not keep.</summary>
    public static async Task End(RunLock held, JobRun run, JobState state, JobOutcome? outcome, string? error, JobsOptions options, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(held.Connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("update job_runs set state = $2, summary = $3, figures = $4, error = $5, ended_at = now() where id = $1 and state = 'running'")
        {
            Parameters =
            {
                new() { Value = run.Id }, new() { Value = Word(state) }, Text(outcome?.Summary),
                new() { Value = outcome is null ? DBNull.Value : JsonSerializer.Serialize(outcome.Figures), NpgsqlDbType = NpgsqlDbType.Jsonb }, Text(error),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "delete from job_runs where job = $1 and state <> 'running' and (started_at < now() - $2 or id < (select id from job_runs where job = $1 order by id desc offset $3 limit 1))")
        {
            Parameters = { new() { Value = run.Job }, new() { Value = options.History }, new() { Value = options.HistoryRuns - 1 } },
        });
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Marks the runs whose session holds its lock no more, and answers those that the schedule asked for, with their attempt. Rows of runs that end at this moment are
    /// looked at again when their end has committed, which it has before their lock goes.
    /// </summary>
    public static async Task<IReadOnlyList<(string Job, Guid Run, int Attempt)>> MarkLost(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var update = new NpgsqlCommand(
            $"""
            update job_runs r set {Lost}
            where state = 'running' and not exists (
                select from pg_locks l
                where l.locktype = 'advisory' and l.pid = r.session and l.granted and l.classid = $1 and l.objid = hashtext(r.job)::oid)
            returning job, id, attempt, caused_by = 'schedule'
            """, transaction.Connection, transaction)
        { Parameters = { new() { Value = (uint)RunLock.Space, NpgsqlDbType = NpgsqlDbType.Oid } } };
        await using var reader = await update.ExecuteReaderAsync(ct);
        var lost = new List<(string, Guid, int)>();
        while (await reader.ReadAsync(ct))
            if (reader.GetBoolean(3))
                lost.Add((reader.GetString(0), reader.GetGuid(1), reader.GetInt32(2)));
        return lost;
    }

    /// <summary>
    /// Ends the sessions of hosts that have not told for long that they live, though their session stands: a process that was stopped and not killed. It finds its lock gone
    /// when it goes on. Answers how many.
    /// </summary>
    public static async Task<int> EndSilent(NpgsqlDataSource database, TimeSpan silence, CancellationToken ct)
    {
        await using var end = database.CreateCommand(
            """
            select pg_terminate_backend(l.pid) from job_runs r
            join pg_locks l on l.locktype = 'advisory' and l.pid = r.session and l.granted and l.classid = $1 and l.objid = hashtext(r.job)::oid
            where r.state = 'running' and r.seen_at < now() - $2
            """);
        end.Parameters.Add(new() { Value = (uint)RunLock.Space, NpgsqlDbType = NpgsqlDbType.Oid });
        end.Parameters.AddWithValue(silence);
        await using var reader = await end.ExecuteReaderAsync(ct);
        var ended = 0;
        while (await reader.ReadAsync(ct))
            ended++;
        return ended;
    }

    /// <summary>Asks whichever host has the run to cancel it. Answers whether it still runs.</summary>
    public static async Task<bool> Cancel(NpgsqlDataSource database, Guid run, string by, CancellationToken ct)
    {
        await using var ask = database.CreateCommand("update job_runs set cancelled_by = coalesce(cancelled_by, $2) where id = $1 and state = 'running'");
        ask.Parameters.AddWithValue(run);
        ask.Parameters.AddWithValue(by);
        return await ask.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>Null where there is none of that id.</summary>
    public static async Task<JobRun?> Find(NpgsqlDataSource database, Guid run, CancellationToken ct) =>
        await List(database, $"select {Columns} from job_runs where id = $1", ct, new NpgsqlParameter { Value = run }) is [var found] ? found : null;

    /// <summary>The runs of a job, latest first, from before <paramref name="before"/>.</summary>
    public static Task<IReadOnlyList<JobRun>> Of(NpgsqlDataSource database, string job, Guid? before, int limit, CancellationToken ct) =>
        List(database, $"select {Columns} from job_runs where job = $1 and ($2 is null or id < $2) order by id desc limit $3", ct,
            new() { Value = job }, new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = limit });

    /// <summary>The run of each job that is running, else the last one.</summary>
    public static async Task<IReadOnlyDictionary<string, JobRun>> Last(NpgsqlDataSource database, CancellationToken ct) =>
        (await List(database, $"select distinct on (job) {Columns} from job_runs order by job, id desc", ct)).ToDictionary(run => run.Job);

    private const string Lost = "state = 'lost', ended_at = now(), error = 'Its host died, or lost the database, before the run was over.'";

    private static async Task<IReadOnlyList<JobRun>> List(NpgsqlDataSource database, string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // a constant with the columns in it
        await using var select = database.CreateCommand(sql);
#pragma warning restore CA2100
        select.Parameters.AddRange(parameters);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var runs = new List<JobRun>();
        while (await reader.ReadAsync(ct))
            runs.Add(Read(reader));
        return runs;
    }

    private static JobRun Read(NpgsqlDataReader row)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        DateTimeOffset? Time(int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
        return new JobRun(row.GetGuid(0), row.GetString(1), Enum.Parse<JobTrigger>(row.GetString(2), ignoreCase: true), row.GetBoolean(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5),
            Enum.Parse<JobState>(row.GetString(6), ignoreCase: true), Text(7), Text(8), Time(9), Time(10), Time(11), Text(12),
            Text(13) is { } figures ? JsonSerializer.Deserialize<Dictionary<string, long>>(figures) : null, Text(14));
    }

    private static string Word<T>(T word) where T : struct, Enum => word.ToString().ToLowerInvariant();

    private static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Time(DateTimeOffset? time) => new() { Value = (object?)time?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
