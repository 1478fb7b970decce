using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.Erasure;

/// <summary>Works through the recorded erasures, oldest first, each on one host at a time. One that was begun goes on where it was.</summary>
internal sealed class EraseUsers(NpgsqlDataSource database, EraseLake lake, EraseDeadLetters letters, TimeProvider clock, ILogger<EraseUsers> log) : BackgroundService
{
    private const long Lock = 0x6361757361_03;   // "causa", 3

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await RunAll(stoppingToken);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    log.ErasureFailed(failure, Period);
                }
                await Task.Delay(Period, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Does what is to do, unless another host is at it.</summary>
    public async Task RunAll(CancellationToken ct)
    {
        await using var session = await database.OpenConnectionAsync(ct);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", session) { Parameters = { new() { Value = Lock } } })
            if (await take.ExecuteScalarAsync(ct) is not true)
                return;
        try
        {
            while (await Next(session, ct) is var (id, person))
            {
                await letters.Run(id, person, ct);
                await lake.Run(id, person, ct);
                await Finish(id, person, ct);
            }
        }
        finally
        {
            await using var release = new NpgsqlCommand("select pg_advisory_unlock($1)", session) { Parameters = { new() { Value = Lock } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<(Guid Id, Person Person)?> Next(NpgsqlConnection session, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand(
            """
            update erasures set state = 'running', started_at = coalesce(started_at, now())
            where id = (select id from erasures where state <> 'done' order by requested_at, id limit 1)
            returning id, app_id, user_id, device_ids, requested_at
            """, session);
        await using var reader = await take.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? (reader.GetGuid(0), new Person(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetFieldValue<string[]>(3), reader.GetFieldValue<DateTimeOffset>(4)))
            : null;
    }

    private async Task Finish(Guid id, Person person, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await EraseLake.Refuse(transaction, person.AppId, 0, ct);   // retired files may still show what no live one held
        await using var finish = new NpgsqlCommand("update erasures set state = 'done', ended_at = now() where id = $1 returning rows, files", connection, transaction) { Parameters = { new() { Value = id } } };
        var (rows, files) = (0L, 0L);
        await using (var reader = await finish.ExecuteReaderAsync(ct))
            if (await reader.ReadAsync(ct))
                (rows, files) = (reader.GetInt64(0), reader.GetInt64(1));
        await transaction.CommitAsync(ct);
        log.Erased(id, person.AppId, rows, files);
    }
}
