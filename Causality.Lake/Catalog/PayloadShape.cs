using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Causality.Lake.Catalog;

/// <summary>What a value of JSON is.</summary>
public enum ValueKind
{
    Text,
    Number,
    Boolean,
    List,
    Object,
    Null,
}

/// <summary>
/// The properties at the top of a payload, in their order, each with the kind of its value. Payloads that look alike share one shape, found
/// by following from property to property what followed last time: the bytes of a name are compared, and no text is made of them.
/// </summary>
public sealed class PayloadShape
{
    /// <summary>Bytes of a name, as it is written in JSON, that a catalog holds: with app and type it has to fit an index of PostgreSQL.</summary>
    public const int LongestName = 512;

    /// <summary>Bytes of shapes that are kept, about. An app that invents names makes ever new ones: then all are forgotten, and the usual ones are soon back.</summary>
    internal const int MostBytes = 8 * 1024 * 1024;

    private const int BytesOfShape = 400;

    private static PayloadShape _empty = new(null, [], null, default);
    private static int _bytes;

    private readonly PayloadShape? _before;
    private readonly byte[] _written;
    private readonly string? _name;
    private readonly ValueKind _kind;
    private PayloadShape? _last;
    private ConcurrentDictionary<Step, PayloadShape>? _next;

    private PayloadShape(PayloadShape? before, byte[] written, string? name, ValueKind kind)
    {
        (_before, _written, _name, _kind) = (before, written, name, kind);
        HasUnnamed = before is not null && (name is null || before.HasUnnamed);
    }

    /// <summary>That of an event without a payload.</summary>
    public static PayloadShape Empty => Volatile.Read(ref _empty);

    /// <summary>Whether there is a property whose name no catalog holds: too long, or no text.</summary>
    public bool HasUnnamed { get; }

    /// <summary>The properties that have a name, the last first; one that is written twice is there twice.</summary>
    public IEnumerable<(string Name, ValueKind Kind)> Properties
    {
        get
        {
            for (var shape = this; shape._before is not null; shape = shape._before)
                if (shape._name is not null)
                    yield return (shape._name, shape._kind);
        }
    }

    /// <summary>The shape of a payload; null where that is no JSON object, or one of more than 256 levels.</summary>
    public static PayloadShape? Of(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            var shape = Empty;
            while (reader.Read())
                if (reader.TokenType == JsonTokenType.PropertyName)
                    shape = shape.With(ref reader);
            return shape;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one property with its value.</summary>
    private PayloadShape With(ref Utf8JsonReader reader)
    {
        var written = reader.ValueSpan;
        var escaped = reader.ValueIsEscaped;
        reader.Read();
        var kind = KindOf(reader.TokenType);
        reader.Skip();   // what lies within a list or an object
        return Volatile.Read(ref _last) is { } last && last._kind == kind && written.SequenceEqual(last._written) ? last : Find(written, escaped, kind);
    }

    private PayloadShape Find(ReadOnlySpan<byte> written, bool escaped, ValueKind kind)
    {
        if (written.Length > LongestName)
            written = TooLong;
        var next = Volatile.Read(ref _next) ?? Interlocked.CompareExchange(ref _next, new(concurrencyLevel: 1, capacity: 2, StepComparer.Instance), null) ?? _next;
        if (!next.GetAlternateLookup<Written>().TryGetValue(new Written(written, kind), out var shape))
        {
            var bytes = written.ToArray();
            shape = next.GetOrAdd(new Step(bytes, kind), new PayloadShape(this, bytes, NameOf(bytes, escaped), kind));
            if (Interlocked.Add(ref _bytes, BytesOfShape + bytes.Length) > MostBytes)
            {
                Volatile.Write(ref _bytes, 0);
                Volatile.Write(ref _empty, new PayloadShape(null, [], null, default));
            }
        }
        Volatile.Write(ref _last, shape);
        return shape;
    }

    // no name that is written in JSON has a quote without a backslash
    private static ReadOnlySpan<byte> TooLong => "\""u8;

    /// <summary>A name that PostgreSQL takes as text: without NUL, and without halves of surrogate pairs.</summary>
    private static string? NameOf(byte[] written, bool escaped)
    {
        if (written.AsSpan().SequenceEqual(TooLong))
            return null;
        try
        {
            var name = escaped ? JsonSerializer.Deserialize<string>([(byte)'"', .. written, (byte)'"'])! : Encoding.UTF8.GetString(written);
            return name.Contains('\0', StringComparison.Ordinal) ? null : name;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => ValueKind.Text,
        JsonTokenType.Number => ValueKind.Number,
        JsonTokenType.True or JsonTokenType.False => ValueKind.Boolean,
        JsonTokenType.StartArray => ValueKind.List,
        JsonTokenType.StartObject => ValueKind.Object,
        _ => ValueKind.Null,
    };

    private readonly record struct Step(byte[] Written, ValueKind Kind);

    private readonly ref struct Written(ReadOnlySpan<byte> bytes, ValueKind kind)
    {
        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        public ValueKind Kind { get; } = kind;
    }

    private sealed class StepComparer : IEqualityComparer<Step>, IAlternateEqualityComparer<Written, Step>
    {
        public static StepComparer Instance { get; } = new();

        public bool Equals(Step one, Step other) => one.Kind == other.Kind && one.Written.AsSpan().SequenceEqual(other.Written);

        public bool Equals(Written one, Step other) => one.Kind == other.Kind && one.Bytes.SequenceEqual(other.Written);

        public int GetHashCode(Step step) => Hash(step.Written, step.Kind);

        public int GetHashCode(Written written) => Hash(written.Bytes, written.Kind);

        public Step Create(Written written) => new(written.Bytes.ToArray(), written.Kind);

        private static int Hash(ReadOnlySpan<byte> bytes, ValueKind kind)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            hash.Add(kind);
            return hash.ToHashCode();
        }
    }
}
