using System.ComponentModel.DataAnnotations;

namespace Causality.EventStore.Outbox;

/// <summary>Settings of outbox, inbox and scheduler, <c>CAUSALITY_OUTBOX__…</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>How often a host looks for messages of other hosts; its own are delivered at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Messages of one partition that are read, published and deleted together.</summary>
    [Range(1, 10_000)]
    public int BatchMessages { get; set; } = 100;

    /// <summary>Partitions, of sixteen, that a host works on at the same time; each takes a connection.</summary>
    [Range(1, 16)]
    public int Parallel { get; set; } = 4;

    /// <summary>How long the broker may take to confirm a message, and a batch of them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan PublishDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after a message's first failure; each further one doubles it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A message that has waited longer for its delivery is told of by <c>/ready</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan AlarmAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a host looks for scheduled messages of other hosts that have become due; its own are moved on time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ScheduleInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a consumed message is recognized when it comes again; longer than any may lie in a queue.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);
}
