using Causality.Contracts;
using Causality.Lake.Files;
using Npgsql;

namespace Causality.Lake.Ledger;

/// <summary>
/// What a swap works on: files of one app that are <paramref name="Retired"/> by it, and files that it <paramref name="ReliesOn"/>,
/// which must be live still when it commits though they stay.
/// </summary>
public sealed record SwapInputs(string AppId, IReadOnlyCollection<string> Retired, IReadOnlyCollection<string> ReliesOn);

/// <summary>What a swap puts in: the new files, and what else belongs into its transaction, such as the books.</summary>
public sealed record SwapOutput(IReadOnlyList<LakeFile> Files, Func<NpgsqlTransaction, CancellationToken, Task>? Also = null);

/// <summary>
/// Puts files in the place of others, in one ledger transaction: a reader sees all of the old ones or all of the new. The old ones
/// stay readable for a grace (<see cref="RetiredFiles"/>). May die at any step and be run again.
/// </summary>
public sealed class Swaps(NpgsqlDataSource database, IObjectStore store, Publication publication, IFailPoint failPoint)
{
    /// <summary>A swap that takes longer is cancelled; twice as long after its begin the janitor removes what it wrote.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Lets <paramref name="write"/> fill a folder (it is told the swap's id and the folder, and names the files in it), and swaps.
    /// False, with nothing changed, when another swap has taken one of the inputs meanwhile.
    /// </summary>
    public async Task<bool> Run(SwapInputs inputs, Func<Guid, string, CancellationToken, Task<SwapOutput>> write, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        var swap = Guid.CreateVersion7();
        var done = false;
        try
        {
            await Execute("insert into lake_flushes (id, state) values ($1, 'open')", swap, deadline.Token);
            failPoint.At(SwapStep.InputsChosen);
            var output = await write(swap, store.Stage(Publication.Pending(swap)), deadline.Token);
            failPoint.At(SwapStep.Written);
            await store.Seal([.. output.Files.Select(f => f.PendingPath)], deadline.Token);
            failPoint.At(SwapStep.Sealed);
            done = await Commit(swap, inputs, output, deadline.Token);
            if (!done)
                return false;
            failPoint.At(SwapStep.Swapped);
            await publication.PublishOrLater(swap, deadline.Token);
            failPoint.At(SwapStep.Published);
            return true;
        }
        finally
        {
            if (!done)
                await GiveUp(swap);
        }
    }

    private async Task<bool> Commit(Guid swap, SwapInputs inputs, SwapOutput output, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        string[] needed = [.. inputs.Retired, .. inputs.ReliesOn];
        await using (var take = new NpgsqlCommand("select count(*) from (select retired_snapshot from lake_files where path = any($1) order by path for update) f where retired_snapshot is null", connection, transaction))
        {
            take.Parameters.AddWithValue(needed);
            if ((long)(await take.ExecuteScalarAsync(ct))! != needed.Length)
                return false;
        }
        await using (var claim = new NpgsqlCommand("update lake_flushes set state = 'committed', at = now() where id = $1 and state = 'open'", connection, transaction))
        {
            claim.Parameters.AddWithValue(swap);
            if (await claim.ExecuteNonQueryAsync(ct) != 1)
                return false;   // the janitor has given it up
        }
        await LedgerWriter.Add(transaction, swap, output.Files, ct);
        await using (var retire = new NpgsqlCommand("update lake_files set retired_by = $1 where path = any($2)", connection, transaction))
        {
            retire.Parameters.AddWithValue(swap);
            retire.Parameters.AddWithValue(inputs.Retired.ToArray());
            await retire.ExecuteNonQueryAsync(ct);
        }
        if (output.Also is { } also)
            await also(transaction, ct);
        await LedgerWriter.TakeSnapshots(transaction, swap, [inputs.AppId], ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Removes what was written, unless it counts: an error in the commit does not say whether it came through.</summary>
    private async Task GiveUp(Guid swap)
    {
        try
        {
            if (await Execute("update lake_flushes set state = 'abandoned' where id = $1 and state = 'open'", swap, CancellationToken.None) == 1)
                await store.DeleteAll(Publication.Pending(swap), CancellationToken.None);
        }
        catch (Exception later) when (later is NpgsqlException or IOException or UnauthorizedAccessException)
        {
            // the janitor does it after the deadline; why the swap failed is what matters here
        }
    }

    private async Task<int> Execute(string sql, Guid swap, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(swap);
        return await command.ExecuteNonQueryAsync(ct);
    }
}
