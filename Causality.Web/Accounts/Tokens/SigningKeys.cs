using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Web.Accounts.Tokens;

/// <summary>The keys of access tokens. A port: tests forge tokens without a database.</summary>
internal interface ISigningKeys
{
    /// <summary>The key to sign with now.</summary>
    ValueTask<SigningKey> Current(CancellationToken ct);

    /// <summary>The key of this id, to verify with; null where there is none.</summary>
    ValueTask<JwsKey?> Find(string id, CancellationToken ct);
}

/// <summary>
/// The keys that sign access tokens, shared by every host through PostgreSQL, the private half under data protection. A key signs for 30 days; the
/// next is made 10 minutes before it signs, and each host reads the table every minute, so that all know it by then. It goes when the last
/// token that it signed has ended.
/// </summary>
internal sealed class SigningKeys(NpgsqlDataSource database, IDataProtectionProvider protection, TimeProvider clock, ILogger<SigningKeys> log) : ISigningKeys, IDisposable
{
    public static readonly TimeSpan SignsFor = TimeSpan.FromDays(30), Ahead = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromSeconds(1);
    private readonly IDataProtector _protector = protection.CreateProtector("Causality.SigningKeys");
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Known _known = new([], DateTimeOffset.MinValue);

    public async ValueTask<SigningKey> Current(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now - _known.At > Fresh || Due(_known.Keys, now) is null)
            await Read(now, ct);
        return Due(_known.Keys, clock.GetUtcNow()) ?? throw new InvalidOperationException("There is no key to sign access tokens with.");
    }

    /// <summary>An unknown id is looked up in the database, at most once a second.</summary>
    public async ValueTask<JwsKey?> Find(string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_known.Find(id) is not { } key || now - _known.At > Fresh)
        {
            if (now - _known.At > Pause)
                await Read(now, ct);
            key = _known.Find(id);
        }
        return key?.Public;
    }

    /// <summary>Deletes the keys whose last token has ended: the next one has signed for longer than a token lives.</summary>
    public async Task Clean(CancellationToken ct)
    {
        await using var delete = database.CreateCommand("delete from signing_keys k where exists (select from signing_keys n where n.signs_from > k.signs_from and n.signs_from < $1)");
        delete.Parameters.AddWithValue(clock.GetUtcNow() - AccessTokens.Life - Ahead);
        await delete.ExecuteNonQueryAsync(ct);
    }

    public void Dispose() => _reading.Dispose();

    private async Task Read(DateTimeOffset asked, CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            if (asked - _known.At <= Pause && Due(_known.Keys, asked) is not null)
                return;   // somebody else has read meanwhile
            var keys = await Select(database, ct);
            if (Missing(keys, asked) is not null)
                keys = await Make(ct);
            _known = new Known(keys, asked);
        }
        catch (NpgsqlException away) when (Due(_known.Keys, asked) is not null)
        {
            log.KeysNotRead(away);   // those that are known are as good as before
            _known = _known with { At = asked };
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Makes the key that is missing, unless another host was faster.</summary>
    private async Task<List<SigningKey>> Make(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var one = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('causality signing keys'))", connection, transaction))
            await one.ExecuteNonQueryAsync(ct);
        var now = clock.GetUtcNow();
        if (Missing(await Select(connection, ct), now) is { } from)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await using var insert = new NpgsqlCommand("insert into signing_keys (id, public_key, private_key, created_at, signs_from) values ($1, $2, $3, $4, $5)", connection, transaction)
            {
                Parameters =
                {
                    new() { Value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)) },
                    new() { Value = key.ExportSubjectPublicKeyInfo() },
                    new() { Value = Convert.ToBase64String(_protector.Protect(key.ExportPkcs8PrivateKey())) },
                    new() { Value = now },
                    new() { Value = from },
                },
            };
            await insert.ExecuteNonQueryAsync(ct);
        }
        await transaction.CommitAsync(ct);
        return await Select(database, ct);
    }

    /// <summary>From when the next key must sign, if it is time to make it.</summary>
    private static DateTimeOffset? Missing(List<SigningKey> keys, DateTimeOffset now)
    {
        if (Due(keys, now) is null)
            return now;
        var next = keys.Where(k => k.Private is not null).Max(k => k.SignsFrom) + SignsFor;
        return next - Ahead > now ? null : next > now + Ahead ? next : now + Ahead;
    }

    private static SigningKey? Due(List<SigningKey> keys, DateTimeOffset now) => keys.Where(k => k.Private is not null && k.SignsFrom <= now).MaxBy(k => k.SignsFrom);

    private async Task<List<SigningKey>> Select(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        return await Select(connection, ct);
    }

    private async Task<List<SigningKey>> Select(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select id, public_key, private_key, signs_from from signing_keys", connection);
        await using var rows = await select.ExecuteReaderAsync(ct);
        var keys = new List<SigningKey>();
        while (await rows.ReadAsync(ct))
        {
            var (id, read) = (rows.GetString(0), _known.Find(rows.GetString(0)));
            keys.Add(read ?? new SigningKey(id, rows.GetFieldValue<DateTimeOffset>(3), Public(rows.GetFieldValue<byte[]>(1)), Private(id, rows.GetString(2))));
        }
        return keys;
    }

    private static JwsKey Public(byte[] info)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(info, out _);
        return JwsKey.OfCurve(key.ExportParameters(includePrivateParameters: false));
    }

    /// <summary>Null when the keys of data protection that it was protected with are lost: then it signs no more, and a new one is made.</summary>
    private ThreadLocal<ECDsa>? Private(string id, string text)
    {
        try
        {
            var bytes = _protector.Unprotect(Convert.FromBase64String(text));
            return new ThreadLocal<ECDsa>(() =>
            {
                var key = ECDsa.Create();
                key.ImportPkcs8PrivateKey(bytes, out _);
                return key;
            });
        }
        catch (CryptographicException lost)
        {
            log.KeyLost(lost, id);
            return null;
        }
    }

    private sealed record Known(List<SigningKey> Keys, DateTimeOffset At)
    {
        public SigningKey? Find(string id) => Keys.Find(k => k.Id == id);
    }
}

/// <param name="SignsFrom">Before, it only verifies.</param>
/// <param name="Private">One for each thread: an instance of the base library's is not for several.</param>
internal sealed record SigningKey(string Id, DateTimeOffset SignsFrom, JwsKey Public, ThreadLocal<ECDsa>? Private);

internal static partial class TokensLog
{
    [LoggerMessage(5001, LogLevel.Warning, "The keys of access tokens could not be read again; those that are known go on")]
    public static partial void KeysNotRead(this ILogger log, Exception away);

    [LoggerMessage(5002, LogLevel.Warning, "The key {Id} of access tokens cannot be read with the keys of data protection that are there; another one will sign")]
    public static partial void KeyLost(this ILogger log, Exception lost, string id);
}
