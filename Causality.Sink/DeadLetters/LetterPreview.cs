using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Causality.Contracts.Events;

namespace Causality.Sink.DeadLetters;

/// <summary>Shows a letter's bytes as people can read them: each event as JSON, as far as it can be read, and what is wrong with it.</summary>
internal static class LetterPreview
{
    private const int UnreadableBytes = 512;

    /// <param name="events">At most so many.</param>
    /// <param name="characters">Longer texts are cut, and end with an ellipsis.</param>
    public static IReadOnlyList<JsonObject> Of(ReadOnlyMemory<byte> body, int events, int characters)
    {
        var (reader, shown) = (new EventBatchReader(), new List<JsonObject>());
        reader.Reset(body);
        try
        {
            while (shown.Count < events && reader.Next(out var frame))
            {
                var damage = reader.Read(frame);
                var one = Event(reader, characters);
                if (damage is not null)
                    one["damage"] = damage;
                shown.Add(one);
            }
        }
        catch (InvalidDataException broken)
        {
            var rest = body.Span[reader.Position..];
            shown.Add(new JsonObject { ["damage"] = broken.Message, [Utf8.IsValid(rest) && !rest.Contains((byte)0) ? "text" : "hex"] = Unreadable(rest) });
        }
        return shown;
    }

    private static JsonObject Event(EventBatchReader reader, int characters)
    {
        var shown = new JsonObject();
        foreach (var column in EventColumns.All.Where(c => reader.Has(c.Column)))
            if (column.Column == EventColumn.PayloadJson)
                shown["payload"] = Payload(reader.Text(column.Column), characters);
            else
                shown[column.Name] = column.Kind switch
                {
                    ColumnKind.Text => Cut(reader.Text(column.Column), characters),
                    ColumnKind.Flag => reader.Number(column.Column) != 0,
                    _ => reader.Number(column.Column),
                };
        return shown;
    }

    private static JsonNode? Payload(ReadOnlySpan<byte> json, int characters)
    {
        try
        {
            return json.Length <= characters ? JsonNode.Parse(json) : Cut(json, characters);
        }
        catch (JsonException)
        {
            return Cut(json, characters);
        }
    }

    private static string Cut(ReadOnlySpan<byte> utf8, int characters)
    {
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * characters)]);
        return text.Length <= characters && utf8.Length <= 4 * characters ? text : $"{text[..Math.Min(text.Length, characters)]}…";
    }

    private static string Unreadable(ReadOnlySpan<byte> rest)
    {
        var readable = Utf8.IsValid(rest) && !rest.Contains((byte)0);
        var some = rest[..Math.Min(rest.Length, UnreadableBytes)];
        return (readable ? Encoding.UTF8.GetString(some) : Convert.ToHexStringLower(some)) + (rest.Length > some.Length ? "…" : "");
    }
}
