namespace Causality.Sink.Flushing;

/// <summary>The points between which a flush can die. Tests stop it at each of them.</summary>
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

/// <summary>Where a test makes a flush fail; outside of tests nothing happens here.</summary>
internal interface IFailPoint
{
    void At(FlushStep step);
}

internal sealed class NoFailPoint : IFailPoint
{
    public void At(FlushStep step)
    {
    }
}
