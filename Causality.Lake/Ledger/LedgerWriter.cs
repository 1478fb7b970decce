using Npgsql;
using NpgsqlTypes;

namespace Causality.Lake.Ledger;

/// <summary>
/// The ledger's part of a flush's transaction. Rows are taken in key order, and the snapshot numbers last: two flushes can then
/// neither deadlock nor let a reader at snapshot n see a later file of n appear.
/// </summary>
public static class LedgerWriter
{
    /// <summary>Claims the flush. False when the janitor has given it up: roll back and start another.</summary>
    public static async Task<bool> Claim(NpgsqlTransaction transaction, Guid flush, CancellationToken ct)
    {
        await using var insert = new NpgsqlCommand("insert into lake_flushes (id, state) values ($1, 'committed') on conflict do nothing", transaction.Connection, transaction);
        insert.Parameters.AddWithValue(flush);
        return await insert.ExecuteNonQueryAsync(ct) == 1;
    }

    public static async Task Count(NpgsqlTransaction transaction, IEnumerable<TypeCount> types, CancellationToken ct)
    {
        var sorted = types.OrderBy(t => t.AppId, StringComparer.Ordinal).ThenBy(t => t.EventType, StringComparer.Ordinal).ThenBy(t => t.EventCategory, StringComparer.Ordinal).ToList();
        await using var upsert = new NpgsqlCommand(
            """
            insert into event_catalog as c (app_id, event_type, event_category, events, first_seen_ms, last_seen_ms)
            select * from unnest($1, $2, $3, $4, $5, $6)
            on conflict (app_id, event_type, event_category) do update set events = c.events + excluded.events,
                first_seen_ms = least(c.first_seen_ms, excluded.first_seen_ms), last_seen_ms = greatest(c.last_seen_ms, excluded.last_seen_ms)
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(sorted.Select(t => t.AppId).ToArray());
        upsert.Parameters.AddWithValue(sorted.Select(t => t.EventType).ToArray());
        upsert.Parameters.AddWithValue(sorted.Select(t => t.EventCategory).ToArray());
        upsert.Parameters.AddWithValue(sorted.Select(t => t.Events).ToArray());
        upsert.Parameters.AddWithValue(sorted.Select(t => t.FirstSeenMs).ToArray());
        upsert.Parameters.AddWithValue(sorted.Select(t => t.LastSeenMs).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }

    public static async Task Add(NpgsqlTransaction transaction, Guid flush, IReadOnlyCollection<LakeFile> files, CancellationToken ct)
    {
        await using var insert = new NpgsqlCommand(
            """
            insert into lake_files (flush_id, path, pending_path, app_id, hour, rows, bytes, min_timestamp_ms, max_timestamp_ms, compacted, sorted, typed_columns)
            select $1, * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb[])
            """, transaction.Connection, transaction);
        insert.Parameters.AddWithValue(flush);
        insert.Parameters.AddWithValue(files.Select(f => f.Path).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.PendingPath).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.AppId).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.Hour).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.Rows).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.Bytes).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.MinTimestampMs).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.MaxTimestampMs).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.Compacted).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => f.Sorted).ToArray());
        insert.Parameters.AddWithValue(files.Select(f => (f.Typed ?? TypedColumns.None).ToJson()).ToArray());
        await insert.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Gives the files that a flush or a swap adds, and those that it retires, the next snapshot of their app. The last statement before commit.</summary>
    public static async Task TakeSnapshots(NpgsqlTransaction transaction, Guid flush, IEnumerable<string> apps, CancellationToken ct)
    {
        await using var update = new NpgsqlCommand(
            """
            with taken as (
                insert into lake_snapshots as s (app_id, snapshot) select app_id, 1 from unnest($2) as a(app_id)
                on conflict (app_id) do update set snapshot = s.snapshot + 1
                returning app_id, snapshot),
            added as (
                update lake_files f set added_snapshot = taken.snapshot from taken where f.flush_id = $1 and not f.published and f.app_id = taken.app_id)
            update lake_files f set retired_snapshot = taken.snapshot, retired_at = now() from taken where f.retired_by = $1 and f.app_id = taken.app_id
            """, transaction.Connection, transaction);
        update.Parameters.AddWithValue(flush);
        update.Parameters.Add(new NpgsqlParameter { Value = apps.Order(StringComparer.Ordinal).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await update.ExecuteNonQueryAsync(ct);
    }
}
