using Causality.Lake.Compaction;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Writing;
using Causality.Sink.Compaction;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Erasure;

/// <summary>
/// Writes every live file that holds rows of a person again without them, each by a swap of its own: what is done stays done when the
/// process dies. A merge that runs at the same time either loses its inputs, and aborts, or its output is looked at too.
/// </summary>
internal sealed class EraseLake(LiveFiles live, IObjectStore store, Swaps swaps, IOptions<SinkOptions> options)
{
    private const int FilesAtOnce = 200;

    /// <summary>Rows of the person in the live files of the app, by file.</summary>
    public async Task<IReadOnlyList<(LiveFile File, long Rows)>> Find(Person person, IEnumerable<LiveFile> files, CancellationToken ct)
    {
        using var merger = new FileMerger(options.Value.Compaction.Memory);
        var found = new List<(LiveFile, long)>();
        foreach (var some in files.Chunk(FilesAtOnce))
        {
            using var readable = await store.Open([.. some.Select(f => f.Name)], ct);
            var names = readable.Names;
            var counts = await Task.Run(() => merger.Count(person.Condition, names, ct), ct);
            found.AddRange(some.Zip(names).Where(f => counts.ContainsKey(f.Second)).Select(f => (f.First, counts[f.Second])));
        }
        return found;
    }

    public Task<IReadOnlyList<LiveFile>> Files(string appId, CancellationToken ct) => live.Of(appId, 0, int.MaxValue, ct);

    public async Task Run(Guid erasure, Person person, CancellationToken ct)
    {
        var clean = new HashSet<string>();
        while ((await Files(person.AppId, ct)).Where(f => !clean.Contains(f.File.Path)).ToList() is { Count: > 0 } unknown)
        {
            var found = await Find(person, unknown, ct);
            foreach (var (file, _) in found)
                await Rewrite(erasure, person, file, ct);
            // files do not change: what has no row of the person now never will. What was written again gets another name, and is looked at
            clean.UnionWith(unknown.Select(f => f.File.Path));
        }
    }

    private Task<bool> Rewrite(Guid erasure, Person person, LiveFile file, CancellationToken ct) =>
        swaps.Run(new SwapInputs(person.AppId, [file.File.Path], []), async (swap, folder, stop) =>
        {
            var path = $"{Partition.Folder(person.AppId, file.File.Hour)}/{swap:N}-0";
            var into = Path.Combine(folder, $"{path}.{EventFileWriter.Extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(into)!);
            using var readable = await store.Open([file.Name], stop);
            var written = await Task.Run(() =>
            {
                using var merger = new FileMerger(options.Value.Compaction.Memory, Path.Combine(folder, "spill"));
                return merger.Without(person.Condition, readable.Names[0], into, file.File.Typed!, stop);
            }, stop);
            IReadOnlyList<LakeFile> added = written.Rows == 0 ? [] :
            [
                file.File with
                {
                    Path = $"events/{path}.parquet", PendingPath = $"{Publication.Pending(swap)}/{path}.{EventFileWriter.Extension}",
                    Rows = written.Rows, Bytes = written.Bytes, MinTimestampMs = written.MinTimestampMs, MaxTimestampMs = written.MaxTimestampMs,
                },
            ];
            return new SwapOutput(added, async (transaction, commit) =>
            {
                await BookMoves.Erased(transaction, person.AppId, written.Removed, commit);
                await using var report = new NpgsqlCommand("update erasures set rows = rows + $2, files = files + 1 where id = $1", transaction.Connection, transaction);
                report.Parameters.AddWithValue(erasure);
                report.Parameters.AddWithValue(written.Removed.Values.Sum());
                await report.ExecuteNonQueryAsync(commit);
                await Refuse(transaction, person.AppId, 1, commit);
            });
        }, ct);

    /// <summary>Older snapshots of the app show what is erased: they are answered no more.</summary>
    public static async Task Refuse(NpgsqlTransaction transaction, string appId, int ahead, CancellationToken ct)
    {
        await using var refuse = new NpgsqlCommand("update lake_snapshots set erased_from = snapshot + $2 where app_id = $1", transaction.Connection, transaction);
        refuse.Parameters.AddWithValue(appId);
        refuse.Parameters.AddWithValue((long)ahead);
        await refuse.ExecuteNonQueryAsync(ct);
    }

}
