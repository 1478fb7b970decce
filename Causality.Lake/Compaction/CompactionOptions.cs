using System.ComponentModel.DataAnnotations;

namespace Causality.Lake.Compaction;

/// <summary>When files are merged, and into how large ones.</summary>
public sealed class CompactionOptions
{
    /// <summary>An hour that is over is merged when it has as many small files; fewer only where what is written again is not mostly one of them.</summary>
    [Range(2, 10_000)]
    public int MinFiles { get; set; } = 8;

    /// <summary>The hour that events are still coming for is merged when it has as many small files.</summary>
    [Range(2, 100_000)]
    public int CurrentHourFiles { get; set; } = 60;

    /// <summary>Bytes of a merged file at most; from half of it on a file is left alone.</summary>
    [Range(1 << 20, 1L << 32)]
    public long TargetBytes { get; set; } = 256L << 20;

    /// <summary>Files that are merged at once.</summary>
    [Range(2, 100_000)]
    public int MostFiles { get; set; } = 2_000;

    /// <summary>Memory of the DuckDB instance that merges, as DuckDB writes sizes; what does not fit lies on disk meanwhile.</summary>
    [Required]
    public string Memory { get; set; } = "512MB";
}
