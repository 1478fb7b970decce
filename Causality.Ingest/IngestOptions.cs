using Causality.Ingest.Capture;
using Causality.Ingest.Spooling;
using Microsoft.Extensions.Options;

namespace Causality.Ingest;

/// <summary>The section <c>Ingest</c> (<c>CAUSALITY_INGEST__EVENTSPERSECOND=5000</c>). Checked at start; a bad value stops the host and names itself.</summary>
public sealed class IngestOptions
{
    public const string Section = "Ingest";

    /// <summary>Largest body, in bytes, as sent and once more as decoded. Default 5 MB.</summary>
    public int MaxBodyBytes { get; set; } = 5_000_000;

    /// <summary>Bytes of bodies that may be in memory while they are read and decoded; a request beyond it is answered with 503. Default 256 MB.</summary>
    public long ReadingBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Events per second for each API key that has no limit of its own. Default 1000.</summary>
    public int EventsPerSecond { get; set; } = 1000;

    /// <summary>Events at once for each API key that has no limit of its own. Default 2000.</summary>
    public int Burst { get; set; } = 2000;

    /// <summary>Requests per second without a valid key, for each address. Default 20.</summary>
    public int AnonymousRequestsPerSecond { get; set; } = 20;

    /// <summary>Requests at once without a valid key, for each address. Default 100.</summary>
    public int AnonymousBurst { get; set; } = 100;

    /// <summary>How long a request waits for the broker's confirm before its events go to the spool. Default 5 s.</summary>
    public TimeSpan PublishDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages of joined requests that may await their confirm at the same time. Default 6.</summary>
    public int Publishers { get; set; } = 6;

    /// <summary>A request with as many events is a message of its own. Default 64.</summary>
    public int AloneEvents { get; set; } = 64;

    /// <summary>A request with as many bytes of accepted events is a message of its own. Default 32 KB.</summary>
    public int AloneBytes { get; set; } = 32 * 1024;

    /// <summary>Joined requests make messages of about so many events at most. Default 150.</summary>
    public int MessageEvents { get; set; } = 150;

    /// <summary>Bytes of one message, about, at most: of joined requests, and of one that becomes several. Default 80 KB: arrays from 85 KB on go to the runtime's heap for large objects, which is collected at a price.</summary>
    public int MessageBytes { get; set; } = 80 * 1024;

    /// <summary>App and hour combinations of one message; a request whose events fall in more becomes several. Default 200, as many as a flush of the sink takes.</summary>
    public int MessagePartitions { get; set; } = 200;

    /// <summary>Bytes of accepted events that may wait for the broker in memory, and as many again for the spool; what comes then is answered with 503. Default 64 MB.</summary>
    public long WaitingBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>What is read out of a request, and its bounds.</summary>
    public CaptureOptions Capture { get; set; } = new();

    /// <summary>Where events wait while the broker does not take them, and how many.</summary>
    public SpoolOptions Spool { get; set; } = new();

    internal sealed class Checks : IValidateOptions<IngestOptions>
    {
        public ValidateOptionsResult Validate(string? name, IngestOptions options)
        {
            var faults = new ValidateOptionsResultBuilder();
            void AtLeast(string setting, long value, long least)
            {
                if (value < least)
                    faults.AddError($"must be at least {least}, not {value}", $"{Section}:{setting}");
            }
            AtLeast(nameof(MaxBodyBytes), options.MaxBodyBytes, 1024);
            AtLeast(nameof(ReadingBytes), options.ReadingBytes, 4L * options.MaxBodyBytes);
            AtLeast(nameof(EventsPerSecond), options.EventsPerSecond, 1);
            AtLeast(nameof(Burst), options.Burst, 1);
            AtLeast(nameof(AnonymousRequestsPerSecond), options.AnonymousRequestsPerSecond, 1);
            AtLeast(nameof(AnonymousBurst), options.AnonymousBurst, 1);
            AtLeast(nameof(Publishers), options.Publishers, 1);
            AtLeast(nameof(AloneEvents), options.AloneEvents, 1);
            AtLeast(nameof(AloneBytes), options.AloneBytes, 1);
            AtLeast(nameof(MessageEvents), options.MessageEvents, options.AloneEvents);
            AtLeast(nameof(MessageBytes), options.MessageBytes, options.AloneBytes);
            AtLeast(nameof(MessagePartitions), options.MessagePartitions, 1);
            AtLeast(nameof(WaitingBytes), options.WaitingBytes, options.MaxBodyBytes);
            AtLeast($"{nameof(Capture)}:{nameof(CaptureOptions.MaxBatchEvents)}", options.Capture.MaxBatchEvents, 1);
            string Spool(string setting) => $"{nameof(options.Spool)}:{setting}";
            AtLeast(Spool(nameof(SpoolOptions.SegmentBytes)), options.Spool.SegmentBytes, 64 * 1024);
            AtLeast(Spool(nameof(SpoolOptions.MaxBytes)), options.Spool.MaxBytes, options.MaxBodyBytes);
            AtLeast(Spool(nameof(SpoolOptions.MinFreeBytes)), options.Spool.MinFreeBytes, 0);
            AtLeast(Spool(nameof(SpoolOptions.DrainMessages)), options.Spool.DrainMessages, 1);
            AtLeast(Spool(nameof(SpoolOptions.DrainBytes)), options.Spool.DrainBytes, 1);
            if (options.PublishDeadline < TimeSpan.FromMilliseconds(100) || options.PublishDeadline > TimeSpan.FromMinutes(1))
                faults.AddError($"must be between 0.1 s and 1 min, not {options.PublishDeadline}", $"{Section}:{nameof(PublishDeadline)}");
            return faults.Build();
        }
    }
}
