namespace Causality.Ingest.Spooling;

/// <summary>The steps of the spool at which a host may die.</summary>
internal enum SpoolStep
{
    /// <summary>A new segment's file is there, empty, its name not yet durable.</summary>
    SegmentCreated,

    /// <summary>Records are written and not yet durable.</summary>
    Appended,

    /// <summary>Records are durable, and nobody has been told.</summary>
    Synced,

    /// <summary>The broker has confirmed a spooled message; its position is not saved.</summary>
    Published,

    /// <summary>The position behind confirmed messages is durable.</summary>
    PositionSaved,

    /// <summary>A drained segment's file is gone, its position's not yet.</summary>
    SegmentRemoved,

    /// <summary>A segment of a host that is gone has been taken over, and is not counted yet.</summary>
    SegmentTaken,
}
