using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Causality.EventStore.Projections;

/// <summary>
/// The right to run a projection: an advisory lock of a session. Whoever holds it works on that very connection, so a leader whose
/// session has ended cannot commit either.
/// </summary>
internal sealed class Leadership : IAsyncDisposable
{
    private readonly long _key;

    private Leadership(NpgsqlConnection connection, long key) => (Connection, _key) = (connection, key);

    public NpgsqlConnection Connection { get; }

    /// <summary>Null while another host leads.</summary>
    public static async Task<Leadership?> TryTake(NpgsqlDataSource database, string name, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            var key = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"projection {name}")));
            await using var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = key } } };
            if (await take.ExecuteScalarAsync(ct) is not true)
            {
                await connection.DisposeAsync();
                return null;
            }
            await using var watched = new NpgsqlBatch(connection) { BatchCommands = { WatchedSession.Begin(forTransaction: false) } };
            await watched.ExecuteNonQueryAsync(ct);
            return new Leadership(connection, key);
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
            await using var release = new NpgsqlCommand("select pg_advisory_unlock($1)", Connection) { Parameters = { new() { Value = _key } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // the session is gone, and with it the lock
        }
        await Connection.DisposeAsync();
    }
}
