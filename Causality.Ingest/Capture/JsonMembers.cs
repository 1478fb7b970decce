using System.Text.Json;

namespace Causality.Ingest.Capture;

/// <summary>
/// Copies a JSON value that no schema knows into the draft, without white space, its texts and numbers in canonical form. Keys of an
/// object are compared by what they mean, so an escaped spelling of a key is found to be its duplicate.
/// </summary>
internal sealed class JsonMembers(CaptureOptions options, EventDraft draft)
{
    private readonly List<(uint Hash, TextRef Key)> _keys = [];

    public TextRef Copy(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, int depth)
    {
        _keys.Clear();
        var mark = draft.Mark();
        Write(ref reader, name, depth);
        return draft.Since(mark);
    }

    private void Write(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, int depth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when depth == options.MaxPropertyDepth:
                draft.Fail(name, "too_deep", $"is nested deeper than {options.MaxPropertyDepth}");
                reader.Skip();
                break;
            case JsonTokenType.StartObject:
                WriteObject(ref reader, name, depth + 1);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, name, depth + 1);
                break;
            case JsonTokenType.String:
                WriteText(ref reader, name);
                break;
            case JsonTokenType.Number when reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0:
                draft.Keep(reader.ValueSpan);
                break;
            case JsonTokenType.Number:
                if (JsonText.TryDouble(reader.ValueSpan, out var number))
                    JsonText.WriteNumber(draft, number);
                else
                    draft.Fail(name, "invalid", "is a number out of range");
                break;
            default:
                draft.Keep(reader.ValueSpan);
                break;
        }
    }

    private void WriteObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, int depth)
    {
        var outer = _keys.Count;
        draft.Put((byte)'{');
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_keys.Count > outer)
                draft.Put((byte)',');
            var mark = draft.Mark();
            WriteText(ref reader, name);
            AddKey(outer, draft.Since(mark), name);
            draft.Put((byte)':');
            reader.Read();
            Write(ref reader, name, depth);
        }
        draft.Put((byte)'}');
        _keys.RemoveRange(outer, _keys.Count - outer);
    }

    private void WriteArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, int depth)
    {
        draft.Put((byte)'[');
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first)
                draft.Put((byte)',');
            Write(ref reader, name, depth);
        }
        draft.Put((byte)']');
    }

    private void AddKey(int outer, TextRef key, ReadOnlySpan<byte> name)
    {
        var text = draft.Bytes(key);
        var hash = NameHash.Of(text);
        if (_keys.Count - outer >= options.MaxProperties)
        {
            draft.Fail(name, "too_many", $"an object has more than {options.MaxProperties} properties");
            return;
        }
        for (var i = outer; i < _keys.Count; i++)
        {
            if (_keys[i].Hash == hash && draft.Bytes(_keys[i].Key).SequenceEqual(text))
                draft.Fail(name, "duplicate", "has the same key twice");
        }
        _keys.Add((hash, key));
    }

    private void WriteText(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        draft.Put((byte)'"');
        if (!reader.ValueIsEscaped)
            draft.Keep(reader.ValueSpan);
        else if (JsonText.Unescape(reader.ValueSpan, draft.Room(reader.ValueSpan.Length), asJson: true, out var written) is { } wrong)
            draft.Fail(name, "invalid", wrong);
        else
            draft.Advance(written);
        draft.Put((byte)'"');
    }
}
