using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.Catalog;
using Causality.Lake.Writing;
using Causality.Sink.DeadLetters;

namespace Causality.Sink.Flushing;

/// <summary>An event of a message: a handle, of which a flush has twenty thousand, so what is known of it lies with its message.</summary>
internal readonly record struct FlushEvent(Waiting Message, int Index)
{
    public Guid MessageId => Message.MessageId;

    public Guid Run => Message.Run;

    /// <summary>Its place in the lake and, without tag and length, in its batch.</summary>
    public EventRow Row => new(Message.Message.Batch, Facts.From..Facts.To, AppId, Hour);

    /// <summary>With tag and length, as a batch of its own has it.</summary>
    public ReadOnlyMemory<byte> Bytes => Message.Message.Batch[Facts.Start..Facts.To];

    public string AppId => Message.Name(Facts.App);

    public int Hour => Facts.Hour;

    /// <summary>Its key's hash.</summary>
    public UInt128 Key => Facts.Key;

    public long ReceivedAtMs => Facts.ReceivedAtMs;

    public long TimestampMs => Facts.TimestampMs;

    public string Type => Message.Name(Facts.Type);

    public string Category => Message.Name(Facts.Category);

    public PayloadShape Shape => Message.Shape(Facts.Shape);

    /// <summary>Hours since 1970, UTC: what the books go by.</summary>
    public int ReceivedHour => (int)(Facts.ReceivedAtMs / 3_600_000);

    private ref readonly EventFacts Facts => ref Message.Facts(Index);
}

/// <summary>What books and catalog need of an event. No references: the collector looks at each one of millions of objects, and at none of these.</summary>
internal readonly record struct EventFacts(UInt128 Key, long ReceivedAtMs, long TimestampMs, int Start, int From, int To, int App, int Type, int Category, int Shape)
{
    public int Hour => (int)(TimestampMs / 3_600_000);
}

/// <summary>
/// A message that waits for its flush to commit, taken apart. Nothing that would fail further down comes through: a damaged event
/// goes dead alone, and what follows broken framing goes dead with its message.
/// </summary>
internal sealed class Waiting
{
    private const int LeastBytes = 32;   // of an event; for the first capacity only

    private readonly List<EventFacts> _facts = [];
    private readonly List<string> _names = [];   // apps, types and categories: one string each, not one for each event
    private readonly Dictionary<string, int> _numberOfName = [];
    private readonly List<PayloadShape> _shapes = [];
    private readonly Dictionary<PayloadShape, int> _numberOfShape = [];

    public Waiting(Guid messageId, EventsAccepted message, long joinedAt)
    {
        (MessageId, JoinedAt, Message) = (messageId, joinedAt, message);
        var (batch, counts) = message.Counts.Rows.Count > 0 ? message : message with { Counts = EventCounts.None };
        Run = counts.Run;
        _facts.Capacity = (int)Math.Clamp(counts.Rows.Sum(row => (long)row.Events), 0, batch.Length / LeastBytes);
        var reader = new EventBatchReader();
        reader.Reset(batch);
        try
        {
            for (var start = 0; reader.Next(out var frame); start = reader.Position)
            {
                PayloadShape? shape = null;
                if ((reader.Read(frame) ?? Refuse(reader, out shape)) is { } wrong)
                    Dead.Add(new DeadLetter(messageId, null, 1, wrong, batch[start..reader.Position], counts));
                else
                    _facts.Add(Describe(reader, start, frame, shape!));
            }
        }
        catch (InvalidDataException broken)
        {
            Dead.Add(new DeadLetter(messageId, null, 1, "The batch is broken.", batch[reader.Position..], counts, broken.Message));
        }
        Deal();
        Partitions = _facts.Select(facts => (facts.App, facts.Hour)).Distinct().Select(partition => (_names[partition.App], partition.Hour)).ToHashSet();
    }

    public Guid MessageId { get; }

    /// <summary>A timestamp and no time of day: a clock that is set back would keep the flush open for as long.</summary>
    public long JoinedAt { get; }

    public EventsAccepted Message { get; }

    /// <summary>The span of the message's consumption, where somebody traces.</summary>
    public Activity? Consumed { get; } = Activity.Current;

    public int Bytes => Message.Batch.Length;

    /// <summary>The publishing run that counted it; none where nobody says what it counted.</summary>
    public Guid Run { get; }

    public int Count => _facts.Count;

    public IEnumerable<FlushEvent> Events => Enumerable.Range(0, _facts.Count).Select(index => new FlushEvent(this, index));

    public List<DeadLetter> Dead { get; } = [];

    /// <summary>The apps and hours that its events fall in: a file each.</summary>
    public IReadOnlySet<(string AppId, int Hour)> Partitions { get; }

    public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ref readonly EventFacts Facts(int index) => ref CollectionsMarshal.AsSpan(_facts)[index];

    public string Name(int number) => _names[number];

    public PayloadShape Shape(int number) => _shapes[number];

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
        var read = Events.CountBy(e => (e.AppId, e.ReceivedHour)).ToDictionary();
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

    /// <summary>Holds whoever publishes to the promises of accepted.proto, ours included.</summary>
    private static string? Refuse(EventBatchReader reader, out PayloadShape? shape)
    {
        shape = null;
        if (!AppId.IsValid(reader.Text(EventColumn.AppId)))
            return "app_id does not fit a path";
        if (reader.Text(EventColumn.IdempotencyKey) is { IsEmpty: true } or { Length: > 512 })
            return "idempotency_key is missing or too long";
        if (reader.Number(EventColumn.TimestampMs) is < 0 or >= 253_402_300_800_000)
            return "timestamp_ms is not between 1970 and 9999";
        if (reader.Text(EventColumn.EventType) is { IsEmpty: true } or { Length: > 1024 } || reader.Text(EventColumn.EventType).Contains((byte)0))
            return "event_type is missing, too long or contains NUL";
        if (reader.Text(EventColumn.EventCategory) is { Length: > 256 } || reader.Text(EventColumn.EventCategory).Contains((byte)0))
            return "event_category is too long or contains NUL";
        shape = reader.Has(EventColumn.PayloadJson) ? PayloadShape.Of(reader.Text(EventColumn.PayloadJson)) : PayloadShape.Empty;
        return shape is null ? "payload_json is not a JSON object" : null;
    }

    private EventFacts Describe(EventBatchReader reader, int start, Range frame, PayloadShape shape)
    {
        var app = reader.Text(EventColumn.AppId);
        return new EventFacts(Key(app, reader.Text(EventColumn.IdempotencyKey)), reader.Number(EventColumn.ReceivedAtMs), reader.Number(EventColumn.TimestampMs), start, frame.Start.Value, frame.End.Value,
            Known(app), Known(reader.Text(EventColumn.EventType)), Known(reader.Text(EventColumn.EventCategory)), Known(shape));
    }

    private int Known(ReadOnlySpan<byte> utf8)
    {
        Span<char> buffer = stackalloc char[utf8.Length];
        ReadOnlySpan<char> name = buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        var known = _numberOfName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(name, out var number))
        {
            known[name] = number = _names.Count;
            _names.Add(name.ToString());
        }
        return number;
    }

    private int Known(PayloadShape shape)
    {
        if (!_numberOfShape.TryGetValue(shape, out var number))
        {
            _numberOfShape[shape] = number = _shapes.Count;
            _shapes.Add(shape);
        }
        return number;
    }
}
