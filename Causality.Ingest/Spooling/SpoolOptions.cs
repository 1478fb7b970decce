namespace Causality.Ingest.Spooling;

/// <summary>The section <c>Ingest:Spool</c>: the disk that takes events while the broker does not.</summary>
public sealed class SpoolOptions
{
    /// <summary>Where the spools of all hosts of this machine lie, each in a folder of its own. Default <c>spool</c> below the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>A segment of about so many bytes is closed and another begun. Default 64 MB.</summary>
    public long SegmentBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Bytes of the spool of one host; what comes then is answered with 503. Default 4 GB.</summary>
    public long MaxBytes { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Bytes of the disk that are left free; where fewer are, events are answered with 503. Default 512 MB.</summary>
    public long MinFreeBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Spooled messages that may await the broker's confirm at the same time, beside those of requests. Default 4.</summary>
    public int DrainMessages { get; set; } = 4;

    /// <summary>Bytes of spooled messages that may await the broker's confirm at the same time; one message may be larger. Default 8 MB.</summary>
    public long DrainBytes { get; set; } = 8L * 1024 * 1024;
}
