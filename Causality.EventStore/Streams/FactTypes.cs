using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Causality.EventStore.Streams;

/// <summary>
/// The facts that a program knows: each CLR type with the name and the version under which it is written. Both are part of the database
/// for ever; the type may be renamed and moved at will.
/// </summary>
public sealed class FactTypes
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly Dictionary<string, FactType> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, FactType> _byType = [];

    public FactTypes(IEnumerable<Action<FactTypes>> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var add in modules)
            add(this);
    }

    /// <summary>Adds a fact that was always written in this shape.</summary>
    public FactTypes Add<T>(string name) where T : class => Add<T>(name, []);

    /// <summary>
    /// Adds a fact whose shape has changed. Each of <paramref name="lifts"/> turns the JSON of one version into that of the next, the first
    /// of them version 1 into 2; what is written is one version above their number.
    /// </summary>
    public FactTypes Add<T>(string name, params Func<JsonObject, JsonObject>[] lifts) where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(lifts);
        var type = new FactType(name, lifts.Length + 1, typeof(T), lifts);
        if (!_byName.TryAdd(name, type) || !_byType.TryAdd(typeof(T), type))
            throw new InvalidOperationException($"The fact {name} ({typeof(T)}) is added twice.");
        return this;
    }

    internal (string Name, int Version, string Data) Write(object fact)
    {
        var type = _byType.GetValueOrDefault(fact.GetType())
            ?? throw new InvalidOperationException($"{fact.GetType()} is not a fact that AddFacts has told of.");
        return (type.Name, type.Version, JsonSerializer.Serialize(fact, type.Type, Json));
    }

    /// <summary>The fact, and its JSON in the newest shape.</summary>
    internal (object Fact, string Data) Read(string name, int version, string data)
    {
        if (!_byName.TryGetValue(name, out var type))
            return (new UnknownFact(name), data);
        if (version > type.Version)
            throw new InvalidOperationException($"The fact {name} was written in version {version}; this program knows {type.Version}. Run the version of the program that wrote it, or a later one.");
        if (version < type.Version)
            data = type.Lifts[(version - 1)..].Aggregate((JsonObject)JsonNode.Parse(data)!, (json, lift) => lift(json)).ToJsonString(Json);
        return (JsonSerializer.Deserialize(data, type.Type, Json)!, data);
    }

    private sealed record FactType(string Name, int Version, Type Type, Func<JsonObject, JsonObject>[] Lifts);
}
