namespace Causality.Contracts.Events;

/// <summary>The columns of the table <c>events</c>. The value of each is its field number in accepted.proto.</summary>
public enum EventColumn
{
    AppId = 1,
    Id,
    DeviceId,
    UserId,
    SessionId,
    TimestampMs,
    ReceivedAtMs,
    IdempotencyKey,
    CorrelationId,
    EventCategory,
    EventType,
    Platform,
    OsVersion,
    AppVersion,
    BuildNumber,
    DeviceModel,
    Manufacturer,
    ScreenWidth,
    ScreenHeight,
    Locale,
    Timezone,
    NetworkType,
    Carrier,
    IsJailbroken,
    IsEmulator,
    SdkVersion,
    Url,
    Path,
    Referrer,
    Title,
    Browser,
    UtmSource,
    UtmMedium,
    UtmCampaign,
    UtmTerm,
    UtmContent,
    IpHash,
    Country,
    IsBot,
    Sequence,
    PayloadJson,
    Os,
    DeviceType,
    ReferrerClass,
    ClientTimestampMs,
    Flags,
}

/// <summary>How a column's values are stored: UTF-8 text, 32-bit integer, 64-bit integer, true or false.</summary>
public enum ColumnKind
{
    Text,
    Integer,
    BigInteger,
    Flag,
}

/// <summary>One column of the table <c>events</c>: its name in files, SQL and JSON, and its kind.</summary>
public sealed record ColumnDefinition(EventColumn Column, string Name, ColumnKind Kind);

/// <summary>
/// The one list of the lake's columns; the bus, the Parquet files, the query compiler and the docs all take it from here.
/// <c>app_id</c> is a partition of the path, not a column of the file.
/// </summary>
public static class EventColumns
{
    /// <summary>Every column, in the order of the file.</summary>
    public static IReadOnlyList<ColumnDefinition> All { get; } = [.. Enum.GetValues<EventColumn>().Select(Define)];

    /// <summary>Array size that holds every column, indexed by <see cref="EventColumn"/>.</summary>
    public static int Slots { get; } = All.Count + 1;

    private static readonly Dictionary<string, ColumnDefinition> ByName = All.ToDictionary(c => c.Name, StringComparer.Ordinal);
    private static readonly ColumnKind[] Kinds = [ColumnKind.Text, .. All.Select(c => c.Kind)];

    public static ColumnDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    public static ColumnKind Kind(EventColumn column) => Kinds[(int)column];

    private static ColumnDefinition Define(EventColumn column) =>
        new(column, System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(column.ToString()), column switch
        {
            EventColumn.TimestampMs or EventColumn.ReceivedAtMs or EventColumn.Sequence or EventColumn.ClientTimestampMs => ColumnKind.BigInteger,
            EventColumn.ScreenWidth or EventColumn.ScreenHeight => ColumnKind.Integer,
            EventColumn.IsJailbroken or EventColumn.IsEmulator or EventColumn.IsBot => ColumnKind.Flag,
            _ => ColumnKind.Text,
        });
}
