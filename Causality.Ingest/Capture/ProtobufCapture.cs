using System.Buffers.Binary;
using System.Text.Unicode;

namespace Causality.Ingest.Capture;

/// <summary>
/// Reads an event's protobuf bytes into a draft: unknown fields are passed over, the last of a repeated scalar wins, a repeated message
/// is merged. False means broken framing, which is the whole body's; anything else is noted in the draft.
/// </summary>
internal sealed class ProtobufCapture(CaptureOptions options, EventDraft draft)
{
    private ReadOnlyMemory<byte> _body;

    public void Open(ReadOnlyMemory<byte> body) => _body = body;

    public bool ReadEvent(Range bytes)
    {
        var (start, length) = bytes.GetOffsetAndLength(_body.Length);
        return ReadMessage(_body.Span[..(start + length)], start, Schema.Envelope, EventDraft.EnvelopeFrame);
    }

    /// <summary>The next field of a request: its number, and where its bytes lie. Both requests hold their events as field 1.</summary>
    public static bool NextField(ReadOnlySpan<byte> body, ref int position, out int number, out Range bytes)
    {
        bytes = default;
        if (!Tag(body, ref position, out number, out var type) || !Value(body, ref position, type, out var value))
            return false;
        if (type == 2)
            bytes = (position - (int)value)..position;
        else
            number = 0;
        return true;
    }

    // The span ends where the message ends; positions are the body's.
    private bool ReadMessage(ReadOnlySpan<byte> body, int position, MessageSchema schema, int frame)
    {
        while (position < body.Length)
        {
            if (!Tag(body, ref position, out var number, out var type) || !Value(body, ref position, type, out var value))
                return false;
            if (schema.Find(number) is not { } field || type != WireType(field))
                continue;
            if (field.Payload is not null && IsSecondPayload(frame, field))
                continue;
            var list = frame + 1 + field.Slot;
            if (field.Kind == FieldKind.Map)
            {
                if (!ReadEntry(body[..position], position - (int)value, field, list))
                    return false;
            }
            else if (!ReadValue(body[..position], value, field, field.Kind, field.Repeated ? draft.Append(list) : list))
            {
                return false;
            }
        }
        return true;
    }

    private bool IsSecondPayload(int frame, FieldSchema field)
    {
        ref var payload = ref draft[frame, field];
        if (payload.Kind == FieldKind.None || payload.Number == field.Ordinal)
            return false;
        draft.Fail("payload", "two_payloads", $"{Schema.Envelope.Fields[payload.Number].Name} and {field.Name} are both given");
        return true;
    }

    private bool ReadEntry(ReadOnlySpan<byte> body, int position, FieldSchema map, int list)
    {
        TextRef key = default;
        var (valueEnd, valueNumber) = (0, 0UL);
        while (position < body.Length)
        {
            if (!Tag(body, ref position, out var number, out var type) || !Value(body, ref position, type, out var value))
                return false;
            if (number == 1 && type == 2)
                key = new TextRef(position - (int)value, (int)value);
            else if (number == 2 && type == WireType(map.ValueKind))
                (valueEnd, valueNumber) = (position, value);
        }
        if (!IsText(body.Slice(key.Start, key.Length), map))
            return true;
        var member = draft.Find(list, draft.Bytes(key));
        if (member == 0 && draft[list].Number >= options.MaxProperties)
        {
            draft.Fail(map.Name, "too_many", $"an object has more than {options.MaxProperties} properties");
            return true;
        }
        return ReadValue(body[..valueEnd], valueNumber, map, map.ValueKind, member == 0 ? draft.AppendMember(list, key) : member);
    }

    // A text or message is what the span ends with.
    private bool ReadValue(ReadOnlySpan<byte> body, ulong value, FieldSchema field, FieldKind kind, int slot)
    {
        switch (kind)
        {
            case FieldKind.Text:
                var text = new TextRef(body.Length - (int)value, (int)value);
                if (IsText(body[text.Start..], field))
                    draft[slot].SetText(text);
                return true;
            case FieldKind.Message:
                var frame = draft[slot].Kind == FieldKind.Message ? draft[slot].Start : draft.NewFrame(field.Message!);
                (draft[slot].Kind, draft[slot].Start, draft[slot].Number) = (FieldKind.Message, frame, field.Ordinal);
                draft.Enter(field);
                var read = ReadMessage(body, body.Length - (int)value, field.Message!, frame);
                draft.Leave();
                return read;
            case FieldKind.Enum when !field.Enum!.Has((int)value):
                draft.Fail(field.Name, "invalid", "is not a known value");
                return true;
            default:
                draft[slot].Kind = kind;
                draft[slot].Number = kind switch
                {
                    FieldKind.Int32 or FieldKind.Enum => (int)value,
                    FieldKind.Bool => value != 0 ? 1 : 0,
                    _ => (long)value,
                };
                return true;
        }
    }

    private bool IsText(ReadOnlySpan<byte> text, FieldSchema field)
    {
        if (!Utf8.IsValid(text))
            draft.Fail(field.Name, "invalid", "is not UTF-8");
        else if (text.Contains((byte)0))
            draft.Fail(field.Name, "invalid", "must not contain NUL");
        else
            return true;
        return false;
    }

    private static int WireType(FieldSchema field) => WireType(field.Kind);

    private static int WireType(FieldKind kind) => kind switch
    {
        FieldKind.Double => 1,
        FieldKind.Text or FieldKind.Message or FieldKind.Map => 2,
        FieldKind.Float => 5,
        _ => 0,
    };

    private static bool Tag(ReadOnlySpan<byte> body, ref int position, out int number, out int type)
    {
        (number, type) = (0, 0);
        if (!Varint(body, ref position, out var tag) || tag > uint.MaxValue)
            return false;
        (number, type) = ((int)(tag >> 3), (int)(tag & 7));
        return number > 0;
    }

    // Passes over a field's value: a number itself, or the length of the bytes that end at the new position. Groups are not part of proto3.
    private static bool Value(ReadOnlySpan<byte> body, ref int position, int type, out ulong value)
    {
        value = 0;
        switch (type)
        {
            case 0:
                return Varint(body, ref position, out value);
            case 1 when body.Length - position >= 8:
                value = BinaryPrimitives.ReadUInt64LittleEndian(body[position..]);
                position += 8;
                return true;
            case 2 when Varint(body, ref position, out value) && value <= (ulong)(body.Length - position):
                position += (int)value;
                return true;
            case 5 when body.Length - position >= 4:
                value = BinaryPrimitives.ReadUInt32LittleEndian(body[position..]);
                position += 4;
                return true;
            default:
                return false;
        }
    }

    private static bool Varint(ReadOnlySpan<byte> body, ref int position, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && position < body.Length; shift += 7)
        {
            var b = body[position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }
        return false;
    }
}
