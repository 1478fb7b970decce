using System.Text.Json;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>What holds for all calls of a batch: when it was sent (0: not said), and the JSON of a context that theirs are laid over.</summary>
internal readonly record struct SegmentBatch(long SentMs, ReadOnlyMemory<byte> Context);

/// <summary>
/// Turns a call of Segment's tracking API into the envelope, before it is checked. <c>track</c> becomes a custom event of its name, the others custom
/// events called <c>identify</c>, <c>page</c>, <c>screen</c>, <c>group</c> and <c>alias</c>; properties or traits lie flat in the payload.
/// </summary>
internal sealed class SegmentShape(CaptureOptions options, JsonCapture json, EventDraft draft)
{
    private const string Types = "must be track, identify, page, screen, group or alias";

    private static readonly MessageSchema Call = SegmentSchema.Call;
    private static readonly FieldSchema Type = Call["type"], MessageId = Call["messageId"], UserId = Call["userId"], AnonymousId = Call["anonymousId"], Event = Call["event"],
        Name = Call["name"], Category = Call["category"], GroupId = Call["groupId"], PreviousId = Call["previousId"], Timestamp = Call["timestamp"],
        OriginalTimestamp = Call["originalTimestamp"], SentAt = Call["sentAt"], Properties = Call["properties"], Traits = Call["traits"];

    private static readonly FieldSchema EnvelopeId = Schema.Envelope["id"], EnvelopeKey = Schema.Envelope["idempotency_key"], EnvelopeUser = Schema.Envelope["user_id"],
        EnvelopeDevice = Schema.Envelope["device_id"], EnvelopeTime = Schema.Envelope["timestamp_ms"], EnvelopeSent = Schema.Envelope["sent_at_ms"], Custom = Schema.Envelope["custom_event"],
        EventName = Custom.Message!["event_name"];

    private readonly SegmentContext _context = new(json, draft);
    private int _call;

    private static int Root => EventDraft.EnvelopeFrame;

    /// <summary>Reads the call at which the reader stands. False when it is no object.</summary>
    public bool Read(ref Utf8JsonReader reader)
    {
        _call = draft.NewFrame(Call);
        return json.ReadEvent(ref reader, Call, _call);
    }

    public void Apply(RequestShape shape, in SegmentBatch batch, long receivedMs)
    {
        _context.Apply(_call, batch.Context.Span);
        SetPayload(shape);
        if (Text(MessageId) is { Length: > 0 } id)
        {
            if (Utf8Text.Characters(draft.Bytes(id)) > options.MaxKeyLength)
                draft.Fail(MessageId.Name, "too_long", $"must have at most {options.MaxKeyLength} characters");
            else
            {
                draft[Root, EnvelopeId].SetText(id);
                draft[Root, EnvelopeKey].SetText(id);
            }
        }
        SetPeople();
        SetTime(batch.SentMs, receivedMs);
    }

    private void SetPayload(RequestShape shape)
    {
        var type = shape.SegmentType() ?? TypeOf();
        if (type is null)
        {
            draft.Fail(Type.Name, "invalid", Types);
            return;
        }
        var name = type == "track" ? Text(Event) : draft.Keep(System.Text.Encoding.ASCII.GetBytes(type));
        if (name.Length == 0 || Utf8Text.Characters(draft.Bytes(name)) > options.MaxNameLength)
        {
            draft.Fail(Event.Name, name.Length == 0 ? "required" : "too_long", name.Length == 0 ? "must not be empty" : $"must have at most {options.MaxNameLength} characters");
            return;
        }
        var payload = draft.NewFrame(Custom.Message!);
        if (draft[_call, type is "identify" or "group" ? Traits : Properties] is { Kind: FieldKind.Message } given)
            draft[payload] = draft[given.Start];   // the list of its members, as it is
        draft[payload, EventName].SetText(name);
        ref var slot = ref draft[Root, Custom];
        (slot.Kind, slot.Start, slot.Number) = (FieldKind.Message, payload, Custom.Ordinal);
        switch (type)
        {
            case "page" or "screen":
                Keep(payload, "name"u8, Name);
                Keep(payload, "category"u8, Category);
                break;
            case "group":
                Keep(payload, "group_id"u8, GroupId);
                break;
            case "alias":
                Keep(payload, "previous_id"u8, PreviousId);
                break;
        }
        if (type == "page")
            _context.FillPage(payload);
    }

    // what the call says beside its properties wins over a property of that name
    private void Keep(int payload, ReadOnlySpan<byte> key, FieldSchema field)
    {
        var value = draft[_call, field];
        if (value.Kind == FieldKind.None)
            return;
        var member = draft.Find(payload, key) is not 0 and var there ? there : draft.AppendMember(payload, draft.Keep(key));
        (draft[member].Kind, draft[member].Start, draft[member].Length) = (value.Kind, value.Start, value.Length);
    }

    private void SetPeople()
    {
        var user = Text(UserId);
        if (user.Length > 0)
            draft[Root, EnvelopeUser].SetText(user);
        var device = Text(AnonymousId) is { Length: > 0 } anonymous ? anonymous : _context.DeviceId;
        if (device.Length == 0 && user.Length > 0)
        {
            var mark = draft.Mark();
            draft.Keep("user:"u8);
            draft.Keep(draft.Bytes(user));
            device = draft.Since(mark);
        }
        if (device.Length == 0)
        {
            draft.Fail(UserId.Name, "required", "userId or anonymousId must be given");
            device = draft.Keep("none"u8);   // one violation is enough
        }
        draft[Root, EnvelopeDevice].SetText(device);
    }

    private void SetTime(long sentWithBatch, long receivedMs)
    {
        var field = draft[_call, Timestamp].Kind != FieldKind.None ? Timestamp : OriginalTimestamp;
        var time = receivedMs;
        if (draft[_call, field].Kind != FieldKind.None && !TryTime(draft[_call, field], out time))
        {
            draft.Fail(field.Name, "invalid", "must be an ISO 8601 time, such as 2026-11-21T09:30:00.000Z");
            time = receivedMs;
        }
        (draft[Root, EnvelopeTime].Kind, draft[Root, EnvelopeTime].Number) = (FieldKind.Int64, time);
        // without a time of sending no skew is corrected, which is no reason to refuse the call
        if (!TryTime(draft[_call, SentAt], out var sent) || !EventTime.IsTime(sent))
            sent = sentWithBatch;
        if (sent != 0)
            (draft[Root, EnvelopeSent].Kind, draft[Root, EnvelopeSent].Number) = (FieldKind.Int64, sent);
    }

    private bool TryTime(in Slot given, out long time)
    {
        time = 0;
        return given.Kind != FieldKind.None && (Rfc3339.TryParse(draft.Bytes(given.Text), out time) || (given.Kind == FieldKind.Json && JsonText.TryInteger(draft.Bytes(given.Text), out time)));
    }

    private string? TypeOf()
    {
        var type = Text(Type);
        return SegmentCalls.Find(draft.Bytes(type));
    }

    // a number counts as text: an id need not be a UUID, nor even be quoted
    private TextRef Text(FieldSchema field)
    {
        ref var slot = ref draft[_call, field];
        switch (slot.Kind)
        {
            case FieldKind.Text:
                return slot.Text;
            case FieldKind.Json when draft.Bytes(slot.Text) is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..]:
                return slot.Text;
            case FieldKind.Json:
                draft.Fail(field.Name, "invalid", "must be text");
                return default;
            default:
                return default;
        }
    }
}
