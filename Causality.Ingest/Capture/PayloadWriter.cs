namespace Causality.Ingest.Capture;

/// <summary>
/// Writes payload_json: known fields in declared order under their snake_case names, every scalar even when zero, so that JSON and binary
/// senders give the same bytes; messages, lists and maps where there are any; then the fields that the contract does not know.
/// </summary>
internal static class PayloadWriter
{
    private static readonly FieldSchema Custom = Schema.Envelope["custom_event"];
    private static readonly FieldSchema[] CustomMaps = [.. Custom.Message!.Fields.Where(f => f.Kind == FieldKind.Map)];

    public static TextRef Write(EventDraft draft, FieldSchema payload, int frame)
    {
        var mark = draft.Mark();
        if (payload == Custom)
            WriteCustom(draft, frame);
        else
            WriteMessage(draft, payload.Message!, frame);
        return draft.Since(mark);
    }

    private static void WriteMessage(EventDraft draft, MessageSchema schema, int frame)
    {
        var first = true;
        draft.Put((byte)'{');
        foreach (var field in schema.Fields)
        {
            ref var slot = ref draft[frame, field];
            var many = field.Repeated || field.Kind == FieldKind.Map;
            if (many ? slot.Number == 0 : field.Kind == FieldKind.Message && slot.Kind == FieldKind.None)
                continue;
            Separate(draft, ref first);
            draft.Keep(field.JsonName);
            if (many)
                WriteMany(draft, field, slot.Start);
            else
                WriteValue(draft, field, field.Kind, slot);
        }
        WriteUnknown(draft, frame, ref first);
        draft.Put((byte)'}');
    }

    // The maps lie flat beside each other; where two have the same key, the later one wins, and an unknown field over all of them.
    private static void WriteCustom(EventDraft draft, int frame)
    {
        var first = true;
        draft.Put((byte)'{');
        for (var i = 0; i < CustomMaps.Length; i++)
        {
            for (var item = draft[frame, CustomMaps[i]].Start; item != 0; item = draft[item].Next)
            {
                var key = draft.Bytes(draft[item].Key);
                var hidden = draft[item].Kind == FieldKind.None || draft.Find(frame, key) != 0;
                for (var later = i + 1; later < CustomMaps.Length && !hidden; later++)
                    hidden = draft.Find(frame + 1 + CustomMaps[later].Slot, key) != 0;
                if (!hidden)
                    WriteMember(draft, CustomMaps[i], CustomMaps[i].ValueKind, item, ref first);
            }
        }
        WriteUnknown(draft, frame, ref first);
        draft.Put((byte)'}');
    }

    private static void WriteUnknown(EventDraft draft, int frame, ref bool first)
    {
        for (var item = draft[frame].Start; item != 0; item = draft[item].Next)
            WriteMember(draft, Custom, draft[item].Kind, item, ref first);
    }

    private static void WriteMany(EventDraft draft, FieldSchema field, int head)
    {
        var map = field.Kind == FieldKind.Map;
        var first = true;
        draft.Put((byte)(map ? '{' : '['));
        for (var item = head; item != 0; item = draft[item].Next)
        {
            if (map)
            {
                WriteMember(draft, field, field.ValueKind, item, ref first);
                continue;
            }
            Separate(draft, ref first);
            WriteValue(draft, field, field.Kind, draft[item]);
        }
        draft.Put((byte)(map ? '}' : ']'));
    }

    private static void WriteMember(EventDraft draft, FieldSchema field, FieldKind kind, int item, ref bool first)
    {
        Separate(draft, ref first);
        JsonText.WriteEscaped(draft, draft.Bytes(draft[item].Key));
        draft.Put((byte)':');
        WriteValue(draft, field, kind, draft[item]);
    }

    private static void WriteValue(EventDraft draft, FieldSchema field, FieldKind kind, in Slot slot)
    {
        switch (kind)
        {
            case FieldKind.Text:
                JsonText.WriteEscaped(draft, draft.Bytes(slot.Text));
                break;
            case FieldKind.Int32 or FieldKind.Int64:
                JsonText.WriteNumber(draft, slot.Number);
                break;
            case FieldKind.Bool:
                draft.Keep(slot.Number != 0 ? "true"u8 : "false"u8);
                break;
            case FieldKind.Float:
                JsonText.WriteNumber(draft, BitConverter.Int32BitsToSingle((int)slot.Number));
                break;
            case FieldKind.Double:
                JsonText.WriteNumber(draft, BitConverter.Int64BitsToDouble(slot.Number));
                break;
            case FieldKind.Enum:
                draft.Put((byte)'"');
                draft.Keep(field.Enum!.ShortName(slot.Number));
                draft.Put((byte)'"');
                break;
            case FieldKind.Message:
                WriteMessage(draft, field.Message!, slot.Start);
                break;
            default:
                draft.Keep(draft.Bytes(slot.Text));
                break;
        }
    }

    private static void Separate(EventDraft draft, ref bool first)
    {
        if (!first)
            draft.Put((byte)',');
        first = false;
    }
}
