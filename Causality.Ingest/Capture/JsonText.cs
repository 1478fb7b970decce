using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Causality.Ingest.Capture;

/// <summary>JSON's strings and numbers as bytes: read without exceptions, written in one canonical form.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>
    /// Resolves the escapes of a string that Utf8JsonReader has framed. With <paramref name="asJson"/>, what must be escaped in JSON stays so,
    /// in the form that <see cref="WriteEscaped"/> has. Never longer than its source. Answers null, or what is wrong with the text.
    /// </summary>
    public static string? Unescape(ReadOnlySpan<byte> source, Span<byte> into, bool asJson, out int written)
    {
        written = 0;
        while (!source.IsEmpty)
        {
            var plain = source.IndexOf((byte)'\\');
            if (plain < 0)
                plain = source.Length;
            source[..plain].CopyTo(into[written..]);
            written += plain;
            source = source[plain..];
            if (source.IsEmpty)
                break;
            int scalar = source[1] switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'u' => Hex(source[2..]),
                var same => same,
            };
            source = source[(source[1] == 'u' ? 6 : 2)..];
            if (char.IsHighSurrogate((char)scalar) && source is [(byte)'\\', (byte)'u', _, _, _, _, ..] && char.IsLowSurrogate((char)Hex(source[2..])))
            {
                scalar = char.ConvertToUtf32((char)scalar, (char)Hex(source[2..]));
                source = source[6..];
            }
            if (scalar == 0)
                return "must not contain NUL";
            if (!Rune.TryCreate(scalar, out var rune))
                return "has half of a surrogate pair";
            if (asJson && scalar < 0x80 && Escaped.Contains((byte)scalar))
                written += WriteEscape((byte)scalar, into[written..]);
            else
                written += rune.EncodeToUtf8(into[written..]);
        }
        return null;
    }

    /// <summary>Writes UTF-8 text in quotes, escaping only what JSON demands.</summary>
    public static void WriteEscaped(EventDraft into, ReadOnlySpan<byte> text)
    {
        var plain = text.IndexOfAny(Escaped);
        var room = into.Room(2 + (plain < 0 ? text.Length : 6 * text.Length));
        var written = 0;
        room[written++] = (byte)'"';
        for (; plain >= 0; plain = text.IndexOfAny(Escaped))
        {
            text[..plain].CopyTo(room[written..]);
            written += plain;
            written += WriteEscape(text[plain], room[written..]);
            text = text[(plain + 1)..];
        }
        text.CopyTo(room[written..]);
        written += text.Length;
        room[written++] = (byte)'"';
        into.Advance(written);
    }

    /// <summary>A whole number, also as 1e3 or 1.0. False when it has a fraction or does not fit in 64 bits.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
            return text[0] != '+';
        // decimal keeps all 64 bits, but takes a tiny fraction for 0; double knows the fraction, but not all bits
        if (!StartsNumber(text)
            || !decimal.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var exact)
            || !TryDouble(text, out var rough)
            || rough != Math.Floor(rough) || exact != decimal.Truncate(exact) || exact is < long.MinValue or > long.MaxValue)
            return false;
        value = (long)exact;
        return true;
    }

    /// <summary>A finite number.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        return StartsNumber(text) && Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value);
    }

    /// <summary>A finite number of single precision.</summary>
    public static bool TryFloat(ReadOnlySpan<byte> text, out float value)
    {
        value = 0;
        return StartsNumber(text) && Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && float.IsFinite(value);
    }

    /// <summary>Writes a number in the shortest form that reads back as the same; NaN and the infinities as text, which JSON has no number for.</summary>
    public static void WriteNumber<T>(EventDraft into, T value)
        where T : INumber<T>, IUtf8SpanFormattable
    {
        var finite = T.IsFinite(value);
        if (!finite)
            into.Put((byte)'"');
        value.TryFormat(into.Room(40), out var written, default, CultureInfo.InvariantCulture);
        into.Advance(written);
        if (!finite)
            into.Put((byte)'"');
    }

    // keeps out the words and signs that .NET's parsers take and JSON does not
    private static bool StartsNumber(ReadOnlySpan<byte> text) =>
        text is [>= (byte)'0' and <= (byte)'9', ..] or [(byte)'-', >= (byte)'0' and <= (byte)'9', ..];

    private static int Hex(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits[..4], out ushort unit, out _, 'x') ? unit : 0;

    private static int WriteEscape(byte value, Span<byte> into)
    {
        var letter = value switch
        {
            (byte)'\b' => 'b',
            (byte)'\f' => 'f',
            (byte)'\n' => 'n',
            (byte)'\r' => 'r',
            (byte)'\t' => 't',
            (byte)'"' => '"',
            (byte)'\\' => '\\',
            _ => 'u',
        };
        into[0] = (byte)'\\';
        into[1] = (byte)letter;
        if (letter != 'u')
            return 2;
        value.TryFormat(into[2..], out _, "x4", CultureInfo.InvariantCulture);
        return 6;
    }
}
