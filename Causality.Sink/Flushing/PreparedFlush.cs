using System.Diagnostics;
using Causality.Lake.Ledger;
using Causality.Sink.DeadLetters;
using Causality.Sink.Deduplication;

namespace Causality.Sink.Flushing;

/// <summary>A flush whose files are written and sealed, and of which the database knows nothing yet.</summary>
internal sealed class PreparedFlush(PreparedFlush? before)
{
    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>The flush of this sink that was to commit when this one was prepared. It has done so before this one does.</summary>
    public PreparedFlush? Before { get; private set; } = before;

    /// <summary>Messages that no flush has stored; the others are here again because their acknowledgement was lost.</summary>
    public required IReadOnlyList<Waiting> Fresh { get; init; }

    /// <summary>Of the fresh ones, those that are replays of dead letters.</summary>
    public required IReadOnlySet<Guid> Replays { get; init; }

    /// <summary>What is stored.</summary>
    public required List<FlushEvent> Events { get; init; }

    /// <summary>What belongs to people whose erasure was asked for, and is not stored.</summary>
    public required IReadOnlyList<FlushEvent> Erased { get; init; }

    /// <summary>When the erasures that were known had been asked for; one that is asked for again has another time.</summary>
    public required IReadOnlyList<DateTimeOffset> Erasures { get; init; }

    public required List<DeadLetter> Dead { get; init; }

    public required Books Books { get; init; }

    public required Recognized Recognized { get; init; }

    public IReadOnlyList<LakeFile> Files { get; set; } = [];

    /// <summary>The keys of <see cref="Events"/>, sorted.</summary>
    public UInt128[] Keys { get; set; } = [];

    /// <summary>The row of the key log that holds them, once this is committed; null where there are none.</summary>
    public long? KeyRow { get; private set; }

    /// <summary>Whether the events that were compared with those of <see cref="Before"/> were so rightly: it was stored, and as it was then.</summary>
    public bool IsBeforeStored => Before is null or { KeyRow: not null } or { Keys.Length: 0 };

    public bool Has(UInt128 key) => Array.BinarySearch(Keys, key) >= 0;

    public void Committed(long? keyRow) => (KeyRow, Before) = (keyRow, null);
}

/// <summary>Between preparation and commit somebody else has stored one of its events, taken one of its messages or erased somebody: it is prepared again.</summary>
internal sealed class OutdatedFlushException(string why) : Exception(why);
