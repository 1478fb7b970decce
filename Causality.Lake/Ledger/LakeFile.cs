namespace Causality.Lake.Ledger;

/// <summary>
/// A file of the lake as the ledger knows it. <paramref name="Path"/> is its final name, <paramref name="PendingPath"/> the one it
/// is written under; times are event times in milliseconds since 1970, <paramref name="Hour"/> its partition in hours since 1970, UTC.
/// </summary>
/// <param name="Compacted">How often its rows were merged; 0 as a flush wrote them.</param>
/// <param name="Sorted">Whether it is sorted by event type and time.</param>
/// <param name="Typed">The properties that were looked at for a column of their own; none as a flush wrote it.</param>
public sealed record LakeFile(string Path, string PendingPath, string AppId, int Hour, long Rows, long Bytes, long MinTimestampMs, long MaxTimestampMs,
    int Compacted = 0, bool Sorted = false, TypedColumns? Typed = null);

/// <summary>How often an app sent events of one type within a flush, and when (event time).</summary>
public sealed record TypeCount(string AppId, string EventType, string EventCategory, long Events, long FirstSeenMs, long LastSeenMs);
