namespace Causality.EventStore.Streams;

/// <summary>Which stream: what kind of thing (<c>app</c>) and which one of them. Written as <c>app/checkout</c>.</summary>
public readonly record struct StreamId
{
    public StreamId(string type, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (type.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"A stream's type has no slash: {type}", nameof(type));
        (Type, Key) = (type, key);
    }

    public StreamId(string type, Guid key) : this(type, key.ToString()) { }

    public string Type { get; }

    public string Key { get; }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static StreamId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new StreamId(text[..slash], text[(slash + 1)..]) : throw new FormatException($"Not a stream: {text}");
    }

    public override string ToString() => $"{Type}/{Key}";
}
