using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Lake.Writing;
using Npgsql;

namespace Causality.Lake.Compaction;

/// <summary>What a merge did.</summary>
public sealed record Merged(int Files, long Rows, long Removed, long BytesBefore, long BytesAfter);

/// <summary>Merges small files of one partition (an app's hour) into one, by a swap.</summary>
public sealed class PartitionMerge(LiveFiles live, IObjectStore store, Swaps swaps, HotProperties properties, CompactionOptions options)
{
    /// <summary>Files as large as this are left alone; half of what a merged file may have.</summary>
    private long Large => options.TargetBytes / 2;

    /// <summary>
    /// Which of a partition's files are worth merging now; none, when there is nothing to gain. <paramref name="complete"/>: few events
    /// will still come. <paramref name="asked"/>: somebody wants it whatever it costs.
    /// </summary>
    public IReadOnlyList<LiveFile> Choose(IReadOnlyList<LiveFile> partition, IReadOnlyList<HotProperty> hot, bool complete, bool asked)
    {
        var chosen = new List<LiveFile>();
        var bytes = 0L;
        foreach (var file in partition.Where(f => f.File.Bytes < Large).OrderBy(f => f.File.Bytes).ThenBy(f => f.File.Path, StringComparer.Ordinal))
        {
            if (chosen.Count == options.MostFiles || (chosen.Count > 1 && bytes + file.File.Bytes > options.TargetBytes))
                break;
            chosen.Add(file);
            bytes += file.File.Bytes;
        }
        if (chosen.Count == 1)
            return asked && (!chosen[0].File.Sorted || hot.Any(p => !chosen[0].File.Typed!.Knows(p.Name))) ? chosen : [];
        // a large file is not written again for every small one that comes late
        var most = chosen.Count == 0 ? 0 : chosen[^1].File.Bytes;
        return chosen.Count > 1 && (asked || chosen.Count >= (complete ? options.MinFiles : options.CurrentHourFiles) || (complete && most <= 4 * (bytes - most))) ? chosen : [];
    }

    /// <summary>Merges what was chosen. <paramref name="books"/> is told how many copies were removed, by the hour of receipt, in the swap's transaction. Null when another swap was faster.</summary>
    public async Task<Merged?> Run(string appId, IReadOnlyList<LiveFile> partition, IReadOnlyList<LiveFile> chosen, IReadOnlyList<HotProperty> hot,
        Func<NpgsqlTransaction, IReadOnlyDictionary<int, long>, CancellationToken, Task> books, CancellationToken ct)
    {
        var others = partition.Except(chosen).ToList();
        Merged? merged = null;
        var swapped = await swaps.Run(new SwapInputs(appId, [.. chosen.Select(f => f.File.Path)], [.. others.Select(f => f.File.Path)]), async (swap, folder, stop) =>
        {
            var path = $"{Partition.Folder(appId, chosen[0].File.Hour)}/{swap:N}-0";
            var into = Path.Combine(folder, $"{path}.{EventFileWriter.Extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(into)!);
            using var files = await store.Open([.. chosen.Select(f => f.Name)], stop);
            using var beside = await store.Open([.. others.Select(f => f.Name)], stop);
            var written = await Task.Run(() =>
            {
                using var merger = new FileMerger(options.Memory, Path.Combine(folder, "spill"));
                return merger.Merge(files.Names, beside.Names, into, hot, stop);
            }, stop);
            if (written.Rows + written.Removed.Values.Sum() != chosen.Sum(f => f.File.Rows))
                throw new InvalidDataException($"The ledger has {chosen.Sum(f => f.File.Rows)} rows for {chosen.Count} files of {appId}, hour {chosen[0].File.Hour}; {written.Rows + written.Removed.Values.Sum()} are in them. They stay as they are.");
            merged = new Merged(chosen.Count, written.Rows, written.Removed.Values.Sum(), chosen.Sum(f => f.File.Bytes), written.Bytes);
            IReadOnlyList<LakeFile> added = written.Rows == 0 ? [] :
            [
                new LakeFile($"events/{path}.parquet", $"{Publication.Pending(swap)}/{path}.{EventFileWriter.Extension}", appId, chosen[0].File.Hour, written.Rows, written.Bytes,
                    written.MinTimestampMs, written.MaxTimestampMs, chosen.Max(f => f.File.Compacted) + 1, Sorted: true, written.Typed),
            ];
            return new SwapOutput(added, async (transaction, commit) =>
            {
                await books(transaction, written.Removed, commit);
                await HotProperties.Found(transaction, appId, [.. written.Typed.Properties.Select(p => (p, written.Typed[p]?.Type))], commit);
            });
        }, ct);
        return swapped ? merged : null;
    }

    /// <summary>The live files of a partition.</summary>
    public Task<IReadOnlyList<LiveFile>> Files(string appId, int hour, CancellationToken ct) => live.Of(appId, hour, hour + 1, ct);

    public Task<IReadOnlyList<HotProperty>> Hot(string appId, CancellationToken ct) => properties.Of(appId, ct);
}
