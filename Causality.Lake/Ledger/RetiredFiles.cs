using Causality.Contracts;
using Causality.Lake.Files;
using Npgsql;

namespace Causality.Lake.Ledger;

/// <summary>
/// Deletes files that swaps have retired. After the grace, snapshots that need them are refused; when no reader can be at work on
/// such a snapshot any more, the files go, and then their rows in the ledger. Every step may be interrupted and repeated.
/// </summary>
public sealed class RetiredFiles(NpgsqlDataSource database, IObjectStore store, IFailPoint failPoint)
{
    private const int FilesAtOnce = 1_000;

    /// <summary>Answers how many files were deleted.</summary>
    public async Task<int> Delete(TimeSpan grace, CancellationToken ct)
    {
        await using (var refuse = database.CreateCommand(
            """
            update lake_snapshots s set readable_from = gone.snapshot
            from (select app_id, max(retired_snapshot) as snapshot from lake_files where retired_at < now() - $1 group by app_id) gone
            where s.app_id = gone.app_id and s.readable_from < gone.snapshot
            """))
        {
            refuse.Parameters.AddWithValue(grace);
            await refuse.ExecuteNonQueryAsync(ct);
        }
        var deleted = 0;
        while (await Some(grace + Publication.Grace, ct) is { Length: > 0 } paths)
        {
            await store.Delete(paths, ct);
            failPoint.At(SwapStep.RetiredDeleted);
            await using var forget = database.CreateCommand("delete from lake_files where path = any($1)");
            forget.Parameters.AddWithValue(paths);
            await forget.ExecuteNonQueryAsync(ct);
            deleted += paths.Length;
        }
        return deleted;
    }

    // what is not published yet may still get its final name: it waits
    private async Task<string[]> Some(TimeSpan age, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select path from lake_files where retired_at < now() - $1 and published order by path limit $2");
        select.Parameters.AddWithValue(age);
        select.Parameters.AddWithValue(FilesAtOnce);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var paths = new List<string>();
        while (await reader.ReadAsync(ct))
            paths.Add(reader.GetString(0));
        return [.. paths];
    }
}
