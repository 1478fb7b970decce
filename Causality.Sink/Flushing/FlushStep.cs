namespace Causality.Sink.Flushing;

/// <summary>The points between which a flush can die.</summary>
internal enum FlushStep
{
    Begun,
    FilesWritten,
    FilesSealed,
    InboxWritten,
    KeysRemembered,
    LedgerWritten,
    Committed,
    Published,
}
