using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Causality.Contracts.Events.V1;
using Google.Protobuf.Reflection;

namespace Causality.Ingest.Capture;

/// <summary>How a field's value is held. <see cref="Json"/> is any JSON value, kept as it is.</summary>
internal enum FieldKind : byte
{
    None,
    Text,
    Int32,
    Int64,
    Bool,
    Float,
    Double,
    Enum,
    Message,
    Map,
    Json,
}

/// <summary>The category and type under which a payload's events are stored.</summary>
internal sealed record PayloadType(byte[] Category, byte[] Type);

/// <summary>One field of a message. Members of the envelope's payload share one slot, all others have their own.</summary>
internal sealed record FieldSchema(string Name, string CamelName, int Number, FieldKind Kind)
{
    public int Ordinal { get; set; }
    public int Slot { get; set; }
    public bool Repeated { get; init; }
    public bool Required { get; init; }
    public FieldKind ValueKind { get; init; }
    public MessageSchema? Message { get; init; }
    public EnumSchema? Enum { get; init; }
    public PayloadType? Payload { get; init; }

    public ReadOnlySpan<byte> Utf8Name => JsonName.AsSpan(1..^2);

    /// <summary><c>"screen_name":</c></summary>
    public byte[] JsonName { get; } = Encoding.UTF8.GetBytes($"\"{Name}\":");
}

/// <summary>The values of an enum: by full name or number from outside, by short lower-case name (<c>wifi</c>) inside.</summary>
internal sealed class EnumSchema
{
    private readonly NameTable<int> _numbers;
    private readonly byte[][] _shortNames;

    public EnumSchema(EnumDescriptor descriptor)
    {
        var prefix = Schema.Snake(descriptor.Name).Length + 1;
        _numbers = new NameTable<int>([.. descriptor.Values.Select(v => (v.Name, v.Number))]);
        _shortNames = [.. descriptor.Values.OrderBy(v => v.Number).Select(v => Encoding.UTF8.GetBytes(v.Name[prefix..].ToLowerInvariant()))];
    }

    public bool Find(ReadOnlySpan<byte> name, out int number) => _numbers.Find(name, out number);

    public bool Has(long number) => (ulong)number < (ulong)_shortNames.Length;

    public ReadOnlySpan<byte> ShortName(long number) => _shortNames[number];
}

/// <summary>The fields of a message in declared order, found by JSON name (camelCase or snake_case) or by number.</summary>
internal sealed class MessageSchema
{
    private readonly NameTable<FieldSchema> _byName;
    private readonly FieldSchema?[] _byNumber;

    public MessageSchema(IReadOnlyList<FieldSchema> fields, bool keepsUnknown)
    {
        if (fields.Count > 64)
            throw new ArgumentException("A message's fields are ticked off in 64 bits.", nameof(fields));
        var payloadSlot = -1;
        for (var i = 0; i < fields.Count; i++)
        {
            fields[i].Ordinal = i;
            if (fields[i].Payload is null)
                fields[i].Slot = Slots++;
            else
                fields[i].Slot = payloadSlot = payloadSlot < 0 ? Slots++ : payloadSlot;
        }
        Fields = [.. fields];
        KeepsUnknown = keepsUnknown;
        _byName = new NameTable<FieldSchema>([.. fields.SelectMany(f => new[] { (f.Name, f), (f.CamelName, f) }).DistinctBy(n => n.Item1)]);
        _byNumber = new FieldSchema?[Math.Max(0, fields.Select(f => f.Number).DefaultIfEmpty().Max()) + 1];
        foreach (var field in fields.Where(f => f.Number > 0))
            _byNumber[field.Number] = field;
    }

    public FieldSchema[] Fields { get; }

    public int Slots { get; private set; }

    /// <summary>True for payloads and what is in them; unknown fields of an envelope and its contexts are passed over.</summary>
    public bool KeepsUnknown { get; }

    public FieldSchema this[string name] => Find(Encoding.UTF8.GetBytes(name)) ?? throw new KeyNotFoundException(name);

    public FieldSchema? Find(ReadOnlySpan<byte> name) => _byName.Find(name, out var field) ? field : null;

    public FieldSchema? Find(int number) => number < _byNumber.Length ? _byNumber[number] : null;
}

/// <summary>The event contract as tables, made once from the protobuf descriptors. The JSON and the binary reader are both driven by it.</summary>
internal static class Schema
{
    // proto3 has no word for "must not be empty"
    private static readonly HashSet<string> Required =
    [
        "ScreenView.screen_name", "ScreenExit.screen_name", "ButtonTap.button_id", "TextInput.field_id", "ProductView.product_id",
        "AddToCart.product_id", "RemoveFromCart.product_id", "PurchaseComplete.order_id", "CustomEvent.event_name",
    ];

    // What other clients' events carry beside the contract; see ClientShapes. No field number: binary senders have none of it.
    private static readonly string[] ShapeFields =
        ["event_type", "timestamp", "metadata", "server_context", "properties", "url", "path", "referrer", "title", "anonymous_id"];

    public static MessageSchema Envelope { get; } = new(
        [.. Fields(EventEnvelope.Descriptor), .. ShapeFields.Select(f => new FieldSchema(f, Camel(f), -1, FieldKind.Json))], keepsUnknown: false);

    public static MessageSchema ServerContext { get; } = new(
        [.. new[] { "hostname", "go_version", "sdk_version", "os", "arch" }.Select(f => new FieldSchema(f, Camel(f), -1, FieldKind.Text))], keepsUnknown: false);

    /// <summary>An object whose every member is a property.</summary>
    public static MessageSchema Properties { get; } = new([], keepsUnknown: true);

    public static string Snake(string pascal) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(pascal);

    private static string Camel(string snake) =>
        string.Concat(snake.Split('_').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    private static IEnumerable<FieldSchema> Fields(MessageDescriptor message) => message.Fields.InDeclarationOrder().Select(field =>
        new FieldSchema(field.Name, field.JsonName, field.FieldNumber, field.IsMap ? FieldKind.Map : Kind(field))
        {
            Repeated = field.IsRepeated && !field.IsMap,
            Required = Required.Contains($"{message.Name}.{field.Name}"),
            ValueKind = field.IsMap ? Kind(field.MessageType.FindFieldByNumber(2)) : FieldKind.None,
            Message = field.FieldType == FieldType.Message && !field.IsMap
                ? new MessageSchema([.. Fields(field.MessageType)], keepsUnknown: !field.MessageType.Name.EndsWith("Context", StringComparison.Ordinal))
                : null,
            Enum = field.FieldType == FieldType.Enum ? new EnumSchema(field.EnumType) : null,
            Payload = field.ContainingOneof is null ? null : Payload(field),
        });

    private static FieldKind Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => FieldKind.Text,
        FieldType.Int32 => FieldKind.Int32,
        FieldType.Int64 => FieldKind.Int64,
        FieldType.Bool => FieldKind.Bool,
        FieldType.Float => FieldKind.Float,
        FieldType.Double => FieldKind.Double,
        FieldType.Enum => FieldKind.Enum,
        FieldType.Message => FieldKind.Message,
        _ => throw new NotSupportedException($"{field.FullName} is of a type that the contract does not use."),
    };

    private static PayloadType Payload(FieldDescriptor member)
    {
        var (category, prefix, suffix) = member.FieldNumber switch
        {
            < 100 => ("user", "user_", ""),
            < 200 => ("screen", "screen_", ""),
            201 => ("interaction", "", "_gesture"),
            202 => ("interaction", "", "_event"),
            < 300 => ("interaction", "", ""),
            < 400 => ("commerce", "", ""),
            < 900 => ("system", "", ""),
            _ => ("custom", "", ""),
        };
        return new PayloadType(Encoding.UTF8.GetBytes(category), Encoding.UTF8.GetBytes(member.Name[prefix.Length..^suffix.Length]));
    }
}

/// <summary>Finds a value by a UTF-8 name, without making a string of it.</summary>
internal sealed class NameTable<T>
{
    private readonly (byte[] Name, T Value)[] _entries;

    public NameTable(IReadOnlyList<(string Name, T Value)> names)
    {
        _entries = new (byte[], T)[BitOperations.RoundUpToPowerOf2((uint)(names.Count + 1) * 4)];
        foreach (var (name, value) in names)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var at = NameHash.Of(utf8) & (uint)(_entries.Length - 1);
            while (_entries[at].Name is not null)
                at = (at + 1) & (uint)(_entries.Length - 1);
            _entries[at] = (utf8, value);
        }
    }

    public bool Find(ReadOnlySpan<byte> name, out T value)
    {
        for (var at = NameHash.Of(name) & (uint)(_entries.Length - 1); ; at = (at + 1) & (uint)(_entries.Length - 1))
        {
            ref var entry = ref _entries[at];
            value = entry.Value;
            if (entry.Name is null)
                return false;
            if (name.SequenceEqual(entry.Name))
                return true;
        }
    }
}

/// <summary>A hash of a name's length, head and tail. Names that share it are told apart by comparing them.</summary>
internal static class NameHash
{
    public static uint Of(ReadOnlySpan<byte> name)
    {
        ulong head = 0, tail = 0;
        if (name.Length >= 8)
        {
            head = MemoryMarshal.Read<ulong>(name);
            tail = MemoryMarshal.Read<ulong>(name[^8..]);
        }
        else
        {
            foreach (var b in name)
                head = (head << 8) | b;
        }
        var mixed = (head ^ BitOperations.RotateLeft(tail, 29) ^ (ulong)name.Length) * 0x9E3779B97F4A7C15;
        return (uint)(mixed >> 32) ^ (uint)(mixed >> 7);
    }
}
