using System.Text.Json;

namespace Causality.Ingest.Capture;

/// <summary>Reads a number, a flag or an enum, in every spelling that the protobuf JSON mapping allows.</summary>
internal static class JsonScalars
{
    /// <summary>Sets the slot from the value at which the reader stands. Answers null, or what the value must be.</summary>
    public static string? Read(ref Utf8JsonReader reader, FieldKind kind, EnumSchema? schema, ref Slot slot) => kind switch
    {
        FieldKind.Int32 or FieldKind.Int64 => ReadInteger(ref reader, kind, ref slot),
        FieldKind.Float or FieldKind.Double => ReadFloat(ref reader, kind, ref slot),
        FieldKind.Bool => ReadBool(ref reader, ref slot),
        _ => ReadEnum(ref reader, schema!, ref slot),
    };

    private static string? ReadInteger(ref Utf8JsonReader reader, FieldKind kind, ref Slot slot)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String) || !JsonText.TryInteger(reader.ValueSpan, out var value)
            || (kind == FieldKind.Int32 && value != (int)value))
            return kind == FieldKind.Int32 ? "must be a whole number of 32 bits" : "must be a whole number of 64 bits";
        (slot.Kind, slot.Number) = (kind, value);
        return null;
    }

    private static string? ReadFloat(ref Utf8JsonReader reader, FieldKind kind, ref Slot slot)
    {
        var (double64, float32) = (0d, 0f);
        var word = reader.TokenType switch
        {
            JsonTokenType.String when reader.ValueSpan.SequenceEqual("NaN"u8) => double.NaN,
            JsonTokenType.String when reader.ValueSpan.SequenceEqual("Infinity"u8) => double.PositiveInfinity,
            JsonTokenType.String when reader.ValueSpan.SequenceEqual("-Infinity"u8) => double.NegativeInfinity,
            _ => 0d,
        };
        if (word != 0)
            (double64, float32) = (word, (float)word);
        else if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String)
            || !(kind == FieldKind.Float ? JsonText.TryFloat(reader.ValueSpan, out float32) : JsonText.TryDouble(reader.ValueSpan, out double64)))
            return "must be a number in range";
        slot.Kind = kind;
        slot.Number = kind == FieldKind.Float ? BitConverter.SingleToInt32Bits(float32) : BitConverter.DoubleToInt64Bits(double64);
        return null;
    }

    private static string? ReadBool(ref Utf8JsonReader reader, ref Slot slot)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            return "must be true or false";
        (slot.Kind, slot.Number) = (FieldKind.Bool, reader.TokenType == JsonTokenType.True ? 1 : 0);
        return null;
    }

    private static string? ReadEnum(ref Utf8JsonReader reader, EnumSchema schema, ref Slot slot)
    {
        long number = -1;
        if (reader.TokenType == JsonTokenType.String && schema.Find(reader.ValueSpan, out var named))
            number = named;
        else if (reader.TokenType == JsonTokenType.Number && JsonText.TryInteger(reader.ValueSpan, out var given))
            number = given;
        if (!schema.Has(number))
            return "is not a known value";
        (slot.Kind, slot.Number) = (FieldKind.Enum, number);
        return null;
    }
}
