using System.Text.Json;

namespace Causality.Ingest.Capture;

/// <summary>
/// Reads an event's JSON into a draft, as the protobuf JSON mapping says. What breaks a rule is noted in the draft and passed over, so the
/// reader always stands at the end of the value that it was given; only JSON that is broken throws, a <see cref="JsonException"/>.
/// </summary>
internal sealed class JsonCapture(CaptureOptions options, EventDraft draft)
{
    private readonly JsonMembers _members = new(options, draft);

    // Text of the body is pointed to where it lies. Text of any other source is copied.
    private bool _foreign;

    // Where the event has become too large: what follows is passed over, so that a small body cannot fill the memory.
    private long _limit;

    /// <summary>Reads the event at which the reader stands. False when it is no object.</summary>
    public bool ReadEvent(ref Utf8JsonReader reader) => ReadEvent(ref reader, Schema.Envelope, EventDraft.EnvelopeFrame);

    /// <summary>The same of another client's shape, into a frame of its own.</summary>
    public bool ReadEvent(ref Utf8JsonReader reader, MessageSchema schema, int frame)
    {
        (_foreign, _limit) = (false, reader.TokenStartIndex + options.MaxEventBytes);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadMessage(ref reader, schema, frame, depth: 0);
            return true;
        }
        draft.Fail("", "invalid", "must be an object");
        reader.Skip();
        return false;
    }

    /// <summary>True when the reader stands at a property of this name. (Its own ValueTextEquals throws at half a surrogate pair.)</summary>
    public bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan.SequenceEqual(name);
        var room = draft.Room(reader.ValueSpan.Length);
        return JsonText.Unescape(reader.ValueSpan, room, asJson: false, out var written) is null && room[..written].SequenceEqual(name);
    }

    /// <summary>Reads a JSON object from elsewhere than the body into a frame. False when it is no JSON object; then nothing is noted.</summary>
    public bool ReadObject(ReadOnlySpan<byte> json, MessageSchema schema, int frame)
    {
        if (json is not [(byte)'{', .., (byte)'}'])
            return false;
        try
        {
            var check = new Utf8JsonReader(json, Options);
            while (check.Read())
            {
            }
        }
        catch (JsonException)
        {
            return false;
        }
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        (_foreign, _limit) = (true, long.MaxValue);
        ReadMessage(ref reader, schema, frame, depth: 1);
        return true;
    }

    /// <summary>Deeper than any event may be, so that too deep is the event's own verdict, but not without end.</summary>
    public static JsonReaderOptions Options { get; } = new() { MaxDepth = 512 };

    private void ReadMessage(ref Utf8JsonReader reader, MessageSchema schema, int frame, int depth)
    {
        ulong seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TokenStartIndex > _limit)
            {
                reader.Read();
                reader.Skip();
                continue;
            }
            if (reader.ValueIsEscaped || schema.Find(reader.ValueSpan) is not { } field)
            {
                ReadUnknown(ref reader, schema, frame, depth, ref seen);
                continue;
            }
            ReadField(ref reader, field, frame, depth, ref seen);
        }
    }

    private void ReadField(ref Utf8JsonReader reader, FieldSchema field, int frame, int depth, ref ulong seen)
    {
        reader.Read();
        var bit = 1UL << field.Ordinal;
        if ((seen & bit) != 0)
        {
            draft.Fail(field.Name, "duplicate", "is given twice");
            reader.Skip();
            return;
        }
        seen |= bit;
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (field.Payload is not null)
        {
            ref var payload = ref draft[frame, field];
            if (payload.Kind != FieldKind.None)
            {
                draft.Fail("payload", "two_payloads", $"{Schema.Envelope.Fields[payload.Number].Name} and {field.Name} are both given");
                reader.Skip();
                return;
            }
        }
        if (field.Kind == FieldKind.Map)
            ReadMap(ref reader, field, frame, depth + 1);
        else if (field.Repeated)
            ReadList(ref reader, field, frame, depth + 1);
        else
            ReadValue(ref reader, field, field.Kind, frame + 1 + field.Slot, depth);
    }

    private void ReadList(ref Utf8JsonReader reader, FieldSchema field, int frame, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            draft.Fail(field.Name, "invalid", "must be an array");
            reader.Skip();
            return;
        }
        var list = frame + 1 + field.Slot;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenStartIndex > _limit)
                reader.Skip();
            else
                ReadValue(ref reader, field, field.Kind, draft.Append(list), depth);
        }
    }

    private void ReadMap(ref Utf8JsonReader reader, FieldSchema field, int frame, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            draft.Fail(field.Name, "invalid", "must be an object");
            reader.Skip();
            return;
        }
        var list = frame + 1 + field.Slot;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var read = ReadText(ref reader, field.Utf8Name, out var key);
            reader.Read();
            draft.Enter(field);
            var isNew = read && IsNew(list, key);
            draft.Leave();
            if (!isNew)
                reader.Skip();
            else
                ReadValue(ref reader, field, field.ValueKind, draft.AppendMember(list, key), depth);
        }
    }

    private void ReadUnknown(ref Utf8JsonReader reader, MessageSchema schema, int frame, int depth, ref ulong seen)
    {
        if (!ReadText(ref reader, [], out var key))
        {
            reader.Read();
            reader.Skip();
            return;
        }
        if (reader.ValueIsEscaped && schema.Find(draft.Bytes(key)) is { } field)
        {
            ReadField(ref reader, field, frame, depth, ref seen);
            return;
        }
        reader.Read();
        if (!IsNew(frame, key))
        {
            reader.Skip();
            return;
        }
        var member = draft.AppendMember(frame, key);
        if (schema.KeepsUnknown)
            ReadAny(ref reader, member, draft.Bytes(key), depth);
        else
            reader.Skip();
    }

    private bool IsNew(int list, TextRef key)
    {
        if (draft.Find(list, draft.Bytes(key)) != 0)
            draft.Fail(draft.Bytes(key), "duplicate", "is given twice");
        else if (draft[list].Number >= options.MaxProperties)
            draft.Fail("", "too_many", $"an object has more than {options.MaxProperties} properties");
        else
            return true;
        return false;
    }

    private void ReadAny(ref Utf8JsonReader reader, int slot, ReadOnlySpan<byte> name, int depth)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            if (ReadText(ref reader, name, out var text))
                draft[slot].SetText(text);
            return;
        }
        var json = _members.Copy(ref reader, name, depth);
        (draft[slot].Kind, draft[slot].Start, draft[slot].Length) = (FieldKind.Json, json.Start, json.Length);
    }

    private void ReadValue(ref Utf8JsonReader reader, FieldSchema field, FieldKind kind, int slot, int depth)
    {
        var wrong = kind switch
        {
            FieldKind.Text => ReadTextValue(ref reader, field, slot),
            FieldKind.Message => ReadMessageValue(ref reader, field, slot, depth),
            FieldKind.Json => ReadJsonValue(ref reader, field, slot, depth),
            _ => JsonScalars.Read(ref reader, kind, field.Enum, ref draft[slot]),
        };
        if (wrong is null)
            return;
        draft.Fail(field.Name, "invalid", wrong);
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            reader.Skip();
    }

    private string? ReadMessageValue(ref Utf8JsonReader reader, FieldSchema field, int slot, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return "must be an object";
        var frame = draft.NewFrame(field.Message!);
        (draft[slot].Kind, draft[slot].Start, draft[slot].Number) = (FieldKind.Message, frame, field.Ordinal);
        draft.Enter(field);
        ReadMessage(ref reader, field.Message!, frame, depth + 1);
        draft.Leave();
        return null;
    }

    private string? ReadJsonValue(ref Utf8JsonReader reader, FieldSchema field, int slot, int depth)
    {
        ReadAny(ref reader, slot, field.Utf8Name, depth);
        return null;
    }

    private string? ReadTextValue(ref Utf8JsonReader reader, FieldSchema field, int slot)
    {
        if (reader.TokenType != JsonTokenType.String)
            return "must be text";
        if (ReadText(ref reader, field.Utf8Name, out var text))
            draft[slot].SetText(text);
        return null;
    }

    private bool ReadText(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, out TextRef text)
    {
        var wrong = TakeText(ref reader, out text);
        if (wrong is not null)
            draft.Fail(name, "invalid", wrong);
        return wrong is null;
    }

    private string? TakeText(ref Utf8JsonReader reader, out TextRef text)
    {
        text = default;
        if (!reader.ValueIsEscaped)
        {
            text = _foreign ? draft.Keep(reader.ValueSpan) : new TextRef((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            return null;
        }
        var mark = draft.Mark();
        var wrong = JsonText.Unescape(reader.ValueSpan, draft.Room(reader.ValueSpan.Length), asJson: false, out var written);
        if (wrong is not null)
            return wrong;
        draft.Advance(written);
        text = draft.Since(mark);
        return null;
    }
}
