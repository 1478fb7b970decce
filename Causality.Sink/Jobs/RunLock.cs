using Causality.EventStore;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>
/// The right to run a job: an advisory lock of a session, so that it ends with the process that holds it, at once. A host that is cut off is
/// noticed in a quarter of a minute.
/// </summary>
internal sealed class RunLock : IAsyncDisposable
{
    /// <summary>The first half of the locks' numbers; the second is the hash of the job's name.</summary>
    public const int Space = 0x4a6f_6273;

    private readonly string _job;

    private RunLock(NpgsqlConnection connection, string job) => (Connection, _job) = (connection, job);

    /// <summary>The session that holds the lock. Who works on the run's row through it cannot do so after losing the lock.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Null while the job runs elsewhere.</summary>
    public static async Task<RunLock?> TryTake(NpgsqlDataSource database, string job, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            await using var take = Command(connection, "select pg_try_advisory_lock($1, hashtext($2))", job);
            if (await take.ExecuteScalarAsync(ct) is not true)
            {
                await connection.DisposeAsync();
                return null;
            }
            await using var watched = new NpgsqlBatch(connection) { BatchCommands = { WatchedSession.Begin(forTransaction: false) } };
            await watched.ExecuteNonQueryAsync(ct);
            return new RunLock(connection, job);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // the pool would keep the session, and with it the lock
            await using var release = Command(Connection, "select pg_advisory_unlock($1, hashtext($2))", _job);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // the session is gone, and with it the lock
        }
        await Connection.DisposeAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string job) =>
#pragma warning disable CA2100 // one of the two above
        new(sql, connection) { Parameters = { new() { Value = Space }, new() { Value = job } } };
#pragma warning restore CA2100
}
