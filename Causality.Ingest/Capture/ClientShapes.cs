using Causality.Contracts.Events.V1;

namespace Causality.Ingest.Capture;

/// <summary>
/// Turns what other clients send into the envelope, before it is checked:
/// the flat web shape <c>{"event_type","user_id","session_id","properties","url","referrer","timestamp"}</c>;
/// the backend shape <c>{"event_type","timestamp","metadata","server_context",…}</c>, known by its event_type without a payload;
/// a mobile custom event whose properties lie as JSON in the text <c>_raw_properties</c> (text that is no object stays a property); a button tap with <c>button_name</c> for an id.
/// </summary>
internal sealed class ClientShapes(JsonCapture json, EventDraft draft)
{
    private const int MostTypeCharacters = 100;
    private const int MostUserCharacters = 255;

    private static readonly FieldSchema EventType = Schema.Envelope["event_type"];
    private static readonly FieldSchema Timestamp = Schema.Envelope["timestamp"];
    private static readonly FieldSchema Metadata = Schema.Envelope["metadata"];
    private static readonly FieldSchema Properties = Schema.Envelope["properties"];
    private static readonly FieldSchema ServerContext = Schema.Envelope["server_context"];
    private static readonly FieldSchema AnonymousId = Schema.Envelope["anonymous_id"];
    private static readonly FieldSchema TimestampMs = Schema.Envelope["timestamp_ms"];
    private static readonly FieldSchema DeviceId = Schema.Envelope["device_id"];
    private static readonly FieldSchema SessionId = Schema.Envelope["session_id"];
    private static readonly FieldSchema UserId = Schema.Envelope["user_id"];
    private static readonly FieldSchema Web = Schema.Envelope["web_context"];
    private static readonly FieldSchema Custom = Schema.Envelope["custom_event"];
    private static readonly FieldSchema EventName = Custom.Message!["event_name"];
    private static readonly FieldSchema StringParams = Custom.Message!["string_params"];
    private static readonly FieldSchema[] CustomMaps = [.. Custom.Message!.Fields.Where(f => f.Kind == FieldKind.Map)];
    private static readonly FieldSchema ButtonTap = Schema.Envelope["button_tap"];
    private static readonly FieldSchema ButtonId = ButtonTap.Message!["button_id"];
    private static readonly FieldSchema[] WebFields = [.. new[] { "url", "path", "referrer", "title" }.Select(f => Schema.Envelope[f])];

    private static int Root => EventDraft.EnvelopeFrame;

    public void Apply(bool flat, long receivedMs)
    {
        ref var payload = ref draft[Root, Custom];
        if (flat)
            FromWeb(receivedMs);
        else if (payload.Kind == FieldKind.None && draft[Root, EventType].Kind != FieldKind.None)
            FromBackend(receivedMs);
        else if (payload.Kind == FieldKind.Message && payload.Number == Custom.Ordinal)
            LiftRawProperties(payload.Start);
        else if (payload.Kind == FieldKind.Message && payload.Number == ButtonTap.Ordinal)
            NameButton(payload.Start);
    }

    private void FromWeb(long receivedMs)
    {
        if (TypeName(MostTypeCharacters) is { Length: > 0 } name)
        {
            var frame = draft.NewFrame(Custom.Message!);
            ReadProperties(Properties, Schema.Properties, frame);
            SetPayload(Custom, frame, name);
        }
        SetTime(receivedMs);
        draft.Platform = (long)Platform.Web;
        foreach (var field in WebFields)
            SetWeb(field);
        if (Utf8Text.Characters(draft.Text(Root, UserId)) > MostUserCharacters)
            draft.Fail(UserId.Name, "too_long", $"must have at most {MostUserCharacters} characters");
        if (!draft.Text(Root, DeviceId).IsEmpty)
            return;
        if (draft[Root, AnonymousId] is { Kind: FieldKind.Text, Length: > 0 } anonymous)
            draft[Root, DeviceId].SetText(anonymous.Text);
        else if (!SetDevice("web:"u8, draft.Text(Root, SessionId)))
            SetDevice("user:"u8, draft.Text(Root, UserId));
    }

    private void FromBackend(long receivedMs)
    {
        var name = TypeName(int.MaxValue);
        var metadata = draft[Root, Metadata];
        var payload = Known(draft.Bytes(name));
        var frame = 0;
        var fits = payload is not null && metadata.Kind != FieldKind.Text
            && TryRead(payload, metadata.Kind == FieldKind.None ? "{}"u8 : draft.Bytes(metadata.Text), out frame);
        if (payload is null || !fits)
        {
            payload = Custom;
            frame = draft.NewFrame(Custom.Message!);
            ReadProperties(Metadata, Schema.Properties, frame);
        }
        SetPayload(payload, frame, name);
        SetTime(receivedMs);
        draft.Platform = (long)Platform.Server;
        ReadServer(frame);
    }

    // The operating system and the SDK have columns, the host is the device; the whole context is kept as a property.
    private void ReadServer(int payload)
    {
        var server = draft.NewFrame(Schema.ServerContext);
        ReadProperties(ServerContext, Schema.ServerContext, server);
        TextRef Text(string name) => draft[server, Schema.ServerContext[name]].Text;
        (draft.Os, draft.SdkVersion) = (Text("os"), Text("sdk_version"));
        if (draft.Text(Root, DeviceId).IsEmpty)
            SetDevice("server:"u8, Text("hostname") is { Length: > 0 } host ? draft.Bytes(host) : "unknown"u8);
        ref var context = ref draft[Root, ServerContext];
        if (context.Kind != FieldKind.Json || draft.Find(payload, "server_context"u8) != 0)
            return;
        var json = context.Text;
        var member = draft.AppendMember(payload, draft.Keep("server_context"u8));
        (draft[member].Kind, draft[member].Start, draft[member].Length) = (FieldKind.Json, json.Start, json.Length);
    }

    private void LiftRawProperties(int custom)
    {
        var raw = draft.Find(custom + 1 + StringParams.Slot, "_raw_properties"u8);
        if (raw == 0)
            return;
        var properties = draft.Bytes(draft[raw].Text);
        if (Known(draft.Text(custom, EventName)) is { } known && TryRead(known, properties, out var frame))
        {
            draft[raw].Kind = FieldKind.None;
            foreach (var map in CustomMaps)
                KeepBeside(custom + 1 + map.Slot, known.Message!, frame);
            SetPayload(known, frame, default);
            return;
        }
        draft.Enter(Custom);
        if (json.ReadObject(properties, Schema.Properties, custom))
            draft[raw].Kind = FieldKind.None;
        draft.Leave();
    }

    private static FieldSchema? Known(ReadOnlySpan<byte> name) =>
        Schema.Envelope.Find(name) is { Payload: not null } payload && payload != Custom ? payload : null;

    // These clients never promised the types of the contract, so what does not fit stays the custom event that it always was.
    private bool TryRead(FieldSchema payload, ReadOnlySpan<byte> properties, out int frame)
    {
        var before = draft.Violations.Count;
        frame = draft.NewFrame(payload.Message!);
        var fits = json.ReadObject(properties, payload.Message!, frame) && draft.Violations.Count == before;
        draft.Forget(before);
        if (payload == ButtonTap)
            NameButton(frame);
        foreach (var field in payload.Message!.Fields)
            fits &= !field.Required || !draft.Text(frame, field).IsEmpty;
        return fits;
    }

    // What the client sent beside _raw_properties and the typed payload has no field for.
    private void KeepBeside(int list, MessageSchema schema, int frame)
    {
        for (var item = draft[list].Start; item != 0; item = draft[item].Next)
        {
            var key = draft[item].Key;
            if (draft[item].Kind == FieldKind.None || schema.Find(draft.Bytes(key)) is not null || draft.Find(frame, draft.Bytes(key)) != 0)
                continue;
            var member = draft.AppendMember(frame, key);
            ref var from = ref draft[item];
            (draft[member].Kind, draft[member].Number, draft[member].Start, draft[member].Length) = (from.Kind, from.Number, from.Start, from.Length);
        }
    }

    private void NameButton(int tap)
    {
        var name = draft.Find(tap, "button_name"u8);
        if (name == 0)
            name = draft.Find(tap, "buttonName"u8);
        if (name != 0 && draft.Text(tap, ButtonId).IsEmpty && draft[name].Kind == FieldKind.Text)
            draft[tap, ButtonId].SetText(draft[name].Text);
    }

    private TextRef TypeName(int most)
    {
        ref var type = ref draft[Root, EventType];
        if (type.Kind != FieldKind.Text || type.Length == 0)
        {
            draft.Fail(EventType.Name, "required", "must not be empty");
            return default;
        }
        if (Utf8Text.Characters(draft.Bytes(type.Text)) > most)
            draft.Fail(EventType.Name, "too_long", $"must have at most {most} characters");
        return type.Text;
    }

    private void SetPayload(FieldSchema payload, int frame, TextRef name)
    {
        ref var slot = ref draft[Root, payload];
        (slot.Kind, slot.Start, slot.Number) = (FieldKind.Message, frame, payload.Ordinal);
        if (payload == Custom)
            draft[frame, EventName].SetText(name);
    }

    private void ReadProperties(FieldSchema from, MessageSchema schema, int into)
    {
        var value = draft[Root, from];
        if (value.Kind == FieldKind.None)
            return;
        draft.Enter(from);
        if (value.Kind != FieldKind.Json || !json.ReadObject(draft.Bytes(value.Text), schema, into))
            draft.Fail("", "invalid", "must be an object");
        draft.Leave();
    }

    private void SetTime(long receivedMs)
    {
        if (draft[Root, TimestampMs].Kind != FieldKind.None)
            return;
        var given = draft[Root, Timestamp];
        var time = receivedMs;
        if (given.Kind == FieldKind.Text ? !Rfc3339.TryParse(draft.Bytes(given.Text), out time)
            : given.Kind != FieldKind.None && !JsonText.TryInteger(draft.Bytes(given.Text), out time))
        {
            draft.Fail(Timestamp.Name, "invalid", "must be an RFC 3339 time");
            time = receivedMs;
        }
        (draft[Root, TimestampMs].Kind, draft[Root, TimestampMs].Number) = (FieldKind.Int64, time);
    }

    private void SetWeb(FieldSchema field)
    {
        var given = draft[Root, field];
        if (given.Kind == FieldKind.None)
            return;
        if (given.Kind != FieldKind.Text)
            draft.Fail(field.Name, "invalid", "must be text");
        if (draft[Root, Web].Kind == FieldKind.None)
        {
            var frame = draft.NewFrame(Web.Message!);   // first, since it may move the slots
            (draft[Root, Web].Start, draft[Root, Web].Kind) = (frame, FieldKind.Message);
        }
        ref var slot = ref draft[draft[Root, Web].Start, Web.Message![field.Name]];
        if (slot.Kind == FieldKind.None && given.Kind == FieldKind.Text)
            slot.SetText(given.Text);
    }

    private bool SetDevice(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return false;
        var mark = draft.Mark();
        draft.Keep(prefix);
        draft.Keep(name);
        draft[Root, DeviceId].SetText(draft.Since(mark));
        return true;
    }
}
