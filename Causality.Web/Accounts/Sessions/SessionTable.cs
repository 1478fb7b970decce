using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Accounts.Sessions;

/// <summary>A session that was begun or gone on with. <paramref name="RefreshToken"/> is null where a superseded one was presented within the grace.</summary>
internal sealed record OpenSession(Guid Id, Guid UserId, string Email, string? RefreshToken);

/// <summary>A session as its owner sees it.</summary>
internal sealed record ListedSession(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, string? Address, string? UserAgent);

/// <summary>What became of a refresh token that was presented.</summary>
internal abstract record Refreshed
{
    /// <summary>The session goes on.</summary>
    public sealed record Continued(OpenSession Session) : Refreshed;

    /// <summary>There is no such token, or it or its session has ended.</summary>
    public sealed record Ended : Refreshed;

    /// <summary>The token belongs to another session than the request says.</summary>
    public sealed record Elsewhere : Refreshed;

    /// <summary>The token had been superseded, so two have it: its session was ended.</summary>
    public sealed record Reused(Guid SessionId, Guid UserId, string Email) : Refreshed;
}

/// <summary>
/// Sessions and their refresh tokens: random, kept as SHA-256, 7 days, superseded when used. A superseded one that comes back shows that somebody
/// copied it, and ends the session; within 10 s of its rotation it is taken for another tab of the same browser (RFC 9700, 4.14.2).
/// </summary>
internal sealed class SessionTable(NpgsqlDataSource database, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromDays(7), Grace = TimeSpan.FromSeconds(10);
    private const int MaxUserAgent = 300;

    public async Task<OpenSession> Open(Guid user, string email, string? address, string? userAgent, CancellationToken ct)
    {
        var (session, token, now) = (Guid.CreateVersion7(), Secret.Create(), clock.GetUtcNow());
        await using var insert = database.CreateCommand(
            """
            with session as (
                insert into sessions (id, user_id, created_at, last_seen_at, expires_at, address, user_agent) values ($1, $2, $3, $3, $4, $5, $6) returning id)
            insert into refresh_tokens (hash, session_id, issued_at, expires_at) select $7, id, $3, $4 from session
            """);
        insert.Parameters.AddWithValue(session);
        insert.Parameters.AddWithValue(user);
        insert.Parameters.AddWithValue(now);
        insert.Parameters.AddWithValue(now + Life);
        insert.Parameters.Add(Text(address));
        insert.Parameters.Add(Text(Shortened(userAgent)));
        insert.Parameters.AddWithValue(Secret.Hash(token));
        await insert.ExecuteNonQueryAsync(ct);
        return new OpenSession(session, user, email, token);
    }

    /// <summary>Supersedes the token by a new one. <paramref name="expected"/>: the session that it must belong to, where the request says so.</summary>
    public async Task<Refreshed> Refresh(string token, Guid? expected, string? address, CancellationToken ct)
    {
        var (next, now) = (Secret.Create(), clock.GetUtcNow());
        await using var rotate = database.CreateCommand(
            """
            with rotated as (
                update refresh_tokens t set superseded_at = $3 from sessions s
                where t.hash = $1 and t.superseded_at is null and t.expires_at > $3 and s.id = t.session_id and ($5::uuid is null or s.id = $5) and s.ended_at is null
                returning t.session_id),
            touched as (
                update sessions s set last_seen_at = $3, expires_at = $4, address = coalesce($6, s.address) from rotated
                where s.id = rotated.session_id and s.ended_at is null and s.expires_at > $3
                returning s.id, s.user_id),
            issued as (
                insert into refresh_tokens (hash, session_id, issued_at, expires_at) select $2, id, $3, $4 from touched)
            select touched.id, users.id, users.email from touched join users on users.id = touched.user_id
            """);
        rotate.Parameters.AddWithValue(Secret.Hash(token));
        rotate.Parameters.AddWithValue(Secret.Hash(next));
        rotate.Parameters.AddWithValue(now);
        rotate.Parameters.AddWithValue(now + Life);
        rotate.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = expected, NpgsqlDbType = NpgsqlDbType.Uuid });
        rotate.Parameters.Add(Text(address));
        await using (var row = await rotate.ExecuteReaderAsync(ct))
            if (await row.ReadAsync(ct))
                return new Refreshed.Continued(new OpenSession(row.GetGuid(0), row.GetGuid(1), row.GetString(2), next));
        return await Judge(token, expected, now, ct);
    }

    /// <summary>Why a token was not superseded.</summary>
    private async Task<Refreshed> Judge(string token, Guid? expected, DateTimeOffset now, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select s.id, s.user_id, u.email, t.superseded_at, s.ended_at is null and s.expires_at > $2 and t.expires_at > $2
            from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id where t.hash = $1
            """);
        select.Parameters.AddWithValue(Secret.Hash(token));
        select.Parameters.AddWithValue(now);
        await using var row = await select.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
            return new Refreshed.Ended();
        var session = new OpenSession(row.GetGuid(0), row.GetGuid(1), row.GetString(2), null);
        if (expected is not null && expected != session.Id)
            return new Refreshed.Elsewhere();
        if (!row.GetBoolean(4) || row.IsDBNull(3))
            return new Refreshed.Ended();
        if (now - row.GetFieldValue<DateTimeOffset>(3) <= Grace)
            return new Refreshed.Continued(session);
        await row.DisposeAsync();
        return await End(session.UserId, session.Id, "refresh-reused", ct) ? new Refreshed.Reused(session.Id, session.UserId, session.Email) : new Refreshed.Ended();
    }

    public async Task<IReadOnlyList<ListedSession>> List(Guid user, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select id, created_at, last_seen_at, address, user_agent from sessions where user_id = $1 and ended_at is null and expires_at > $2 order by last_seen_at desc, id");
        select.Parameters.AddWithValue(user);
        select.Parameters.AddWithValue(clock.GetUtcNow());
        await using var rows = await select.ExecuteReaderAsync(ct);
        var sessions = new List<ListedSession>();
        while (await rows.ReadAsync(ct))
            sessions.Add(new ListedSession(rows.GetGuid(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetFieldValue<DateTimeOffset>(2), NullableText(rows, 3), NullableText(rows, 4)));
        return sessions;
    }

    /// <summary>The session that a refresh token belongs to, and whose it is, while it lasts.</summary>
    public async Task<OpenSession?> Find(string token, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select s.id, s.user_id, u.email from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id where t.hash = $1 and s.ended_at is null");
        select.Parameters.AddWithValue(Secret.Hash(token));
        await using var row = await select.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? new OpenSession(row.GetGuid(0), row.GetGuid(1), row.GetString(2), null) : null;
    }

    /// <summary>Ends one session of this person; false where it had ended, or is not theirs.</summary>
    public async Task<bool> End(Guid user, Guid session, string because, CancellationToken ct)
    {
        await using var end = database.CreateCommand("update sessions set ended_at = $3, ended_because = $4 where user_id = $1 and id = $2 and ended_at is null and expires_at > $3");
        end.Parameters.AddWithValue(user);
        end.Parameters.AddWithValue(session);
        end.Parameters.AddWithValue(clock.GetUtcNow());
        end.Parameters.AddWithValue(because);
        return await end.ExecuteNonQueryAsync(ct) == 1;
    }

    // half of a character would not be text
    private static string? Shortened(string? text) => text is { Length: > MaxUserAgent } ? text[..(char.IsHighSurrogate(text[MaxUserAgent - 1]) ? MaxUserAgent - 1 : MaxUserAgent)] : text;

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static string? NullableText(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
