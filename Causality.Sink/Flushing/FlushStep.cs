namespace Causality.Sink.Flushing;

/// <summary>The points between which a flush can die.</summary>
internal enum FlushStep
{
    Begun,
    InboxWritten,
    KeysRemembered,
    FilesWritten,
    FilesSealed,
    LedgerWritten,
    Committed,
    Published,
}
