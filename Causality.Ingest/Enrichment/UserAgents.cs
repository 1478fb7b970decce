using System.Collections.Concurrent;
using System.Text;

namespace Causality.Ingest.Enrichment;

/// <summary>Remembers what user agents were found to be; most requests carry one of a few thousand. For any number of threads.</summary>
internal sealed class UserAgents
{
    internal const int Most = 10_000;
    private const int Longest = 512;

    private readonly ConcurrentDictionary<string, UserAgent> _known = new(StringComparer.Ordinal);

    internal int Count => _known.Count;

    public UserAgent Of(string? text) => string.IsNullOrEmpty(text) ? UserAgent.Unknown : Of(text.AsSpan(0, Math.Min(text.Length, Longest)));

    /// <summary>The same of UTF-8; what is too long is cut.</summary>
    public UserAgent Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return UserAgent.Unknown;
        Span<char> text = stackalloc char[Longest];
        return Of(text[..Encoding.Latin1.GetChars(utf8[..Math.Min(utf8.Length, Longest)], text)]);
    }

    private UserAgent Of(ReadOnlySpan<char> text)
    {
        var known = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out var found))
            return found;
        // whoever makes up names pays with parsing, not with memory
        if (_known.Count >= Most)
            _known.Clear();
        var name = new string(text);
        return _known[name] = UserAgent.Parse(name);
    }
}
