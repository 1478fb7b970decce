using System.IO.Enumeration;
using System.Text.Json;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Enrichment;

/// <summary>
/// Removes from a payload what an app's <c>denied_properties</c> name, at any depth, before it is stored anywhere. A name may have <c>*</c> for any characters and
/// <c>?</c> for one; case does not matter.
/// </summary>
internal static class DeniedProperties
{
    /// <summary>How many an app may have, and how long each may be.</summary>
    public const int Most = 100, LongestName = 128;

    /// <summary>The payload without them: the same text where none was in it.</summary>
    public static TextRef Remove(EventDraft draft, TextRef payload, IReadOnlyList<string> denied)
    {
        if (denied.Count == 0)
            return payload;
        var source = draft.Bytes(payload);
        var reader = new Utf8JsonReader(source, JsonCapture.Options);
        var mark = draft.Mark();
        var (copied, removed) = (0, 0);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !IsDenied(ref reader, denied))
                continue;
            var start = (int)reader.TokenStartIndex;
            reader.Read();
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            // with the comma before it, or, of a first member, the one behind it
            if (source[start - 1] == ',' && start > copied)
                start--;
            else if (source[end] == ',')
                end++;
            if (start > copied)
                draft.Keep(source[copied..start]);
            (copied, removed) = (end, removed + 1);
        }
        if (removed == 0)
            return payload;
        draft.Keep(source[copied..]);
        return draft.Since(mark);
    }

    private static bool IsDenied(ref Utf8JsonReader reader, IReadOnlyList<string> denied)
    {
        var bytes = reader.ValueSpan.Length;
        Span<char> name = bytes <= 256 ? stackalloc char[256] : new char[bytes];
        name = name[..reader.CopyString(name)];
        foreach (var pattern in denied)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true))
                return true;
        }
        return false;
    }
}
