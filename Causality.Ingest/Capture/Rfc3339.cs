namespace Causality.Ingest.Capture;

/// <summary>Reads <c>2026-11-21T09:30:00.123456789+01:00</c> as milliseconds since 1970; without an offset it is UTC.</summary>
internal static class Rfc3339
{
    public static bool TryParse(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':'
            || !Number(text[..4], out var year) || !Number(text[5..7], out var month) || !Number(text[8..10], out var day)
            || !Number(text[11..13], out var hour) || !Number(text[14..16], out var minute) || !Number(text[17..19], out var second)
            || year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60
            || !Fraction(ref text, out var fraction) || !Offset(text, out var offsetMinutes))
            return false;
        var time = new DateTimeOffset(year, month, day, hour, minute, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        milliseconds = time + (second * 1000) + fraction - (offsetMinutes * 60_000L);
        return true;
    }

    // Leaves the offset.
    private static bool Fraction(ref ReadOnlySpan<byte> text, out int milliseconds)
    {
        milliseconds = 0;
        text = text[19..];
        if (text is not [(byte)'.', ..])
            return true;
        var end = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text[1..] : text.Slice(1, end);
        text = text[(1 + digits.Length)..];
        for (var i = 0; i < 3; i++)
            milliseconds = (milliseconds * 10) + (i < digits.Length ? digits[i] - '0' : 0);
        return !digits.IsEmpty;
    }

    private static bool Offset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [] or [(byte)'Z' or (byte)'z'])
            return true;
        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _] || !Number(text[1..3], out var hour) || !Number(text[4..6], out var minute)
            || hour > 23 || minute > 59)
            return false;
        minutes = (text[0] == '-' ? -1 : 1) * ((hour * 60) + minute);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + digit - '0';
        }
        return true;
    }
}
