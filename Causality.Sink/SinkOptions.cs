using System.ComponentModel.DataAnnotations;
using Causality.Lake.Compaction;
using Microsoft.Extensions.Options;

namespace Causality.Sink;

/// <summary>Settings of the sink, <c>CAUSALITY_SINK__…</c>. A flush closes at whichever bound comes first.</summary>
public sealed class SinkOptions
{
    /// <summary>Events of one flush.</summary>
    [Range(1, 1_000_000)]
    public int FlushEvents { get; set; } = 20_000;

    /// <summary>Bytes of the batches of one flush.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int FlushBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>App and hour combinations, so files, of one flush. A single message may go beyond it.</summary>
    [Range(1, 10_000)]
    public int FlushPartitions { get; set; } = 200;

    /// <summary>Age at which a flush closes when no message has come for <see cref="Quiet"/>: the queue is empty.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan QuietInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Age at which a flush closes while messages keep coming.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan BusyInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A pause after which the queue counts as empty.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan Quiet { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A flush that takes longer is rolled back and tried again. Less than the broker's consumer timeout.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A key is remembered for this long: longer than a client goes on sending again (a mobile one for 16 minutes).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan KeyWindow { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>How long the inbox remembers a message.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Messages taken from the broker and not acknowledged yet: one flush that commits, one that is prepared, and those of one or two more.</summary>
    [Range(1, 65_535)]
    public ushort Prefetch { get; set; } = 800;

    /// <summary>Dead events that nobody has decided on; with more, the log warns and <c>/ready</c> tells, without making the host unready.</summary>
    [Range(1, int.MaxValue)]
    public int DeadLetterAlertDepth { get; set; } = 1_000;

    /// <summary>Properties of each event type of an app that the catalog holds; events that have more are counted beside them.</summary>
    [Range(1, 10_000)]
    public int CatalogProperties { get; set; } = 500;

    /// <summary>Memory of the DuckDB instance that writes Parquet, as DuckDB writes sizes.</summary>
    [Required]
    public string WriterMemory { get; set; } = "512MB";

    /// <summary>How long files stay that compaction, retention or an erasure has replaced: who reads an older snapshot has this long. They are deleted ten minutes later.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RetiredGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>When small files are merged.</summary>
    [ValidateObjectMembers]
    public CompactionOptions Compaction { get; set; } = new();
}
