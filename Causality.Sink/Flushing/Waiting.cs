using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.Catalog;
using Causality.Lake.Writing;
using Causality.Sink.DeadLetters;

namespace Causality.Sink.Flushing;

/// <summary>An event of the flush: its place in the lake and, with tag and length, in its batch, its key's hash, and what the books and the catalog need of it.</summary>
internal sealed record FlushEvent(Guid MessageId, Guid Run, EventRow Row, ReadOnlyMemory<byte> Bytes, UInt128 Key, long ReceivedAtMs, long TimestampMs, string Type, string Category, PayloadShape Shape)
{
    /// <summary>Hours since 1970, UTC: what the books go by.</summary>
    public int ReceivedHour => (int)(ReceivedAtMs / 3_600_000);
}

/// <summary>
/// A message that waits for its flush to commit, taken apart. Nothing that would fail further down comes through: a damaged event
/// goes dead alone, and what follows broken framing goes dead with its message.
/// </summary>
internal sealed class Waiting
{
    private readonly EventBatchReader _reader = new();
    private readonly HashSet<string> _names = [];   // one string for each app and type, not one for each event
    private PayloadShape? _shape;                   // of the event that was found in order last

    public Waiting(Guid messageId, EventsAccepted message, long joinedAt)
    {
        (MessageId, JoinedAt, Message) = (messageId, joinedAt, message);
        var (batch, counts) = message.Counts.Rows.Count > 0 ? message : message with { Counts = EventCounts.None };
        _reader.Reset(batch);
        try
        {
            for (var start = 0; _reader.Next(out var frame); start = _reader.Position)
                if ((_reader.Read(frame) ?? Refuse()) is { } wrong)
                    Dead.Add(new DeadLetter(messageId, null, 1, wrong, batch[start.._reader.Position], counts));
                else
                    Events.Add(Describe(counts.Run, batch, frame, batch[start.._reader.Position]));
        }
        catch (InvalidDataException broken)
        {
            Dead.Add(new DeadLetter(messageId, null, 1, "The batch is broken.", batch[_reader.Position..], counts, broken.Message));
        }
        Deal();
        Partitions = Events.Select(e => (e.Row.AppId, e.Row.Hour)).ToHashSet();
    }

    public Guid MessageId { get; }

    /// <summary>A timestamp and no time of day: a clock that is set back would keep the flush open for as long.</summary>
    public long JoinedAt { get; }

    public EventsAccepted Message { get; }

    /// <summary>The span of the message's consumption, where somebody traces.</summary>
    public Activity? Consumed { get; } = Activity.Current;

    public int Bytes => Message.Batch.Length;

    public List<FlushEvent> Events { get; } = [];

    public List<DeadLetter> Dead { get; } = [];

    /// <summary>The apps and hours that its events fall in: a file each.</summary>
    public IReadOnlySet<(string AppId, int Hour)> Partitions { get; }

    public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The 16-byte hash by which an event is recognized: SHA-256 of app, NUL and key, cut to half.</summary>
    internal static UInt128 Key(ReadOnlySpan<byte> app, ReadOnlySpan<byte> key)
    {
        Span<byte> input = stackalloc byte[app.Length + 1 + key.Length];
        app.CopyTo(input);
        key.CopyTo(input[(app.Length + 1)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>
    /// Deals out to the dead what the message claims of each app and hour and could not be read, an event each and the rest to the last, which is
    /// the one that the batch breaks off with. So each letter knows what the books hold for it.
    /// </summary>
    private void Deal()
    {
        if (Dead.Count == 0 || Message.Counts.Rows.Count == 0)
            return;
        var read = Events.CountBy(e => (e.Row.AppId, e.ReceivedHour)).ToDictionary();
        var left = Message.Counts.Rows.Select(r => r with { Events = r.Events - read.GetValueOrDefault((r.AppId, r.Hour)) }).Where(r => r.Events > 0).ToList();
        for (var i = 0; i < Dead.Count - 1; i++)
        {
            Dead[i] = Holding(Dead[i], [.. left.Take(1).Select(row => row with { Events = 1 })]);
            if (left is [var row, ..] && (left[0] = row with { Events = row.Events - 1 }).Events == 0)
                left.RemoveAt(0);
        }
        Dead[^1] = Holding(Dead[^1], left);

        static DeadLetter Holding(DeadLetter letter, IReadOnlyList<AppHourCount> rows) =>
            letter with { AppId = DeadLetter.OnlyApp(rows), Events = Math.Max(1, rows.Sum(r => (long)r.Events)), Counts = letter.Counts with { Rows = rows } };
    }

    private static int HourOf(long milliseconds) => (int)(milliseconds / 3_600_000);

    /// <summary>Holds whoever publishes to the promises of accepted.proto, ours included.</summary>
    private string? Refuse()
    {
        if (!AppId.IsValid(_reader.Text(EventColumn.AppId)))
            return "app_id does not fit a path";
        if (_reader.Text(EventColumn.IdempotencyKey) is { IsEmpty: true } or { Length: > 512 })
            return "idempotency_key is missing or too long";
        if (_reader.Number(EventColumn.TimestampMs) is < 0 or >= 253_402_300_800_000)
            return "timestamp_ms is not between 1970 and 9999";
        if (_reader.Text(EventColumn.EventType) is { IsEmpty: true } or { Length: > 1024 } || _reader.Text(EventColumn.EventType).Contains((byte)0))
            return "event_type is missing, too long or contains NUL";
        if (_reader.Text(EventColumn.EventCategory) is { Length: > 256 } || _reader.Text(EventColumn.EventCategory).Contains((byte)0))
            return "event_category is too long or contains NUL";
        return (_shape = _reader.Has(EventColumn.PayloadJson) ? PayloadShape.Of(_reader.Text(EventColumn.PayloadJson)) : PayloadShape.Empty) is null ? "payload_json is not a JSON object" : null;
    }

    private FlushEvent Describe(Guid run, ReadOnlyMemory<byte> batch, Range frame, ReadOnlyMemory<byte> bytes)
    {
        var app = _reader.Text(EventColumn.AppId);
        var timestamp = _reader.Number(EventColumn.TimestampMs);
        return new FlushEvent(MessageId, run, new EventRow(batch, frame, Name(app), HourOf(timestamp)), bytes, Key(app, _reader.Text(EventColumn.IdempotencyKey)),
            _reader.Number(EventColumn.ReceivedAtMs), timestamp, Name(_reader.Text(EventColumn.EventType)), Name(_reader.Text(EventColumn.EventCategory)), _shape!);
    }

    private string Name(ReadOnlySpan<byte> utf8)
    {
        Span<char> buffer = stackalloc char[utf8.Length];
        ReadOnlySpan<char> name = buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        var known = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(name, out var text))
            _names.Add(text = name.ToString());
        return text;
    }
}
