using Causality.Lake.Files;
using Npgsql;

namespace Causality.Lake.Ledger;

/// <summary>
/// Gives committed files their final names, and tidies what flushes leave: pending names that no reader uses any more, and the
/// files of flushes that never committed. Every step may be interrupted, repeated, and done by several hosts at once.
/// </summary>
public sealed class Publication(NpgsqlDataSource database, IObjectStore store, TimeProvider clock, Action<Guid, Exception> failed)
{
    /// <summary>Objects that are not readable by their final name yet lie below this, outside of the table's folders.</summary>
    public const string PendingPrefix = "_pending";

    /// <summary>A reader may have taken its list of files before they were published; it has this long to open them.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    public static string Pending(Guid flush) => $"{PendingPrefix}/{flush:N}";

    public async Task Publish(Guid flush, CancellationToken ct)
    {
        var files = new List<(string Pending, string Path)>();
        await using (var select = database.CreateCommand("select pending_path, path from lake_files where flush_id = $1 and not published"))
        {
            select.Parameters.AddWithValue(flush);
            await using var reader = await select.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                files.Add((reader.GetString(0), reader.GetString(1)));
        }
        await store.Copy(files, ct);
        await using var update = database.CreateCommand(
            """
            with named as (update lake_files set published = true where flush_id = $1 and not published)
            update lake_flushes set state = 'published', at = now() where id = $1 and state = 'committed'
            """);
        update.Parameters.AddWithValue(flush);
        await update.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The same; what fails is told, and done by <see cref="Complete"/> later: committed files are read by their pending names until then.</summary>
    public Task<bool> PublishOrLater(Guid flush, CancellationToken ct) => Try(() => Publish(flush, ct), flush, ct);

    /// <summary>Finishes what a crash left between commit and publication. Answers how many flushes there were.</summary>
    public async Task<int> Complete(CancellationToken ct)
    {
        var flushes = await Flushes("state = 'committed'", ct);
        var published = 0;
        foreach (var flush in flushes)
            if (await Try(() => Publish(flush, ct), flush, ct))
                published++;
        return published;
    }

    /// <summary>
    /// Removes pending names after the grace, and the files of flushes that are older than <paramref name="deadline"/> and never
    /// committed; those of a swap after a deadline of its own. Answers how many were given up.
    /// </summary>
    public async Task<int> Tidy(TimeSpan deadline, CancellationToken ct)
    {
        foreach (var flush in await Flushes($"state = 'published' and at < now() - interval '{(int)Grace.TotalSeconds} seconds'", ct))
            await Try(async () =>
            {
                await store.DeleteAll(Pending(flush), ct);
                await Mark(flush, "update lake_flushes set state = 'cleaned' where id = $1 and state = 'published'", ct);
            }, flush, ct);
        await using (var late = database.CreateCommand("update lake_flushes set state = 'abandoned' where state = 'open' and at < now() - $1"))
        {
            late.Parameters.AddWithValue(Swaps.Deadline * 2);
            await late.ExecuteNonQueryAsync(ct);
        }
        var abandoned = 0;
        foreach (var name in await store.List(PendingPrefix, ct))
        {
            if (!Guid.TryParseExact(name, "N", out var flush) || clock.GetUtcNow() - Started(flush) < deadline)
                continue;
            // claimed before deleting: should the flush be alive after all, its own claim conflicts and it rolls back
            await Mark(flush, "insert into lake_flushes (id, state) values ($1, 'abandoned') on conflict do nothing", ct);
            if ((await Flushes("state = 'abandoned' and id = $1", ct, flush)).Count == 0)
                continue;
            if (await Try(() => store.DeleteAll(Pending(flush), ct), flush, ct))
                abandoned++;
        }
        return abandoned;
    }

    // one file that cannot be named or removed must not keep the others from it
    private async Task<bool> Try(Func<Task> work, Guid flush, CancellationToken ct)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException && !ct.IsCancellationRequested)
        {
            failed(flush, failure);
            return false;
        }
    }

    /// <summary>When a flush began: its id is a UUIDv7, whose first 48 bits are milliseconds.</summary>
    private static DateTimeOffset Started(Guid flush)
    {
        Span<byte> bytes = stackalloc byte[16];
        flush.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16);
    }

    private async Task<List<Guid>> Flushes(string condition, CancellationToken ct, params Guid[] arguments)
    {
        await using var select = database.CreateCommand($"select id from lake_flushes where {condition} order by id");
        foreach (var argument in arguments)
            select.Parameters.AddWithValue(argument);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var flushes = new List<Guid>();
        while (await reader.ReadAsync(ct))
            flushes.Add(reader.GetGuid(0));
        return flushes;
    }

    private async Task Mark(Guid flush, string sql, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(flush);
        await command.ExecuteNonQueryAsync(ct);
    }
}
