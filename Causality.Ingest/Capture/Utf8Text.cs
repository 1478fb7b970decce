using System.Buffers;
using System.Buffers.Text;

namespace Causality.Ingest.Capture;

/// <summary>Questions to UTF-8 text.</summary>
internal static class Utf8Text
{
    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), 0x7F]);

    /// <summary>Code points.</summary>
    public static int Characters(ReadOnlySpan<byte> text)
    {
        var count = text.Length;
        foreach (var b in text)
            count -= (b & 0xC0) == 0x80 ? 1 : 0;
        return count;
    }

    /// <summary>Resolves <c>%41</c> and <c>+</c> of a query or a form; what is no escape stays. Never longer than its source, so both may be the same memory.</summary>
    public static int UnescapeQuery(ReadOnlySpan<byte> text, Span<byte> into)
    {
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '%' && at + 2 < text.Length && Utf8Parser.TryParse(text.Slice(at + 1, 2), out byte escaped, out var used, 'x') && used == 2)
            {
                into[length++] = escaped;
                at += 2;
            }
            else
            {
                into[length++] = text[at] == '+' ? (byte)' ' : text[at];
            }
        }
        return length;
    }

    /// <summary>U+0000 to U+001F, U+007F to U+009F.</summary>
    public static bool HasControls(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(ControlBytes))
            return true;
        for (var at = text.IndexOf((byte)0xC2); at >= 0; at = text.IndexOf((byte)0xC2))
        {
            text = text[(at + 1)..];
            if (text is [< 0xA0, ..])
                return true;
        }
        return false;
    }
}
