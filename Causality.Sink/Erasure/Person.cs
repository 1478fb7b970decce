using System.Globalization;
using Causality.Contracts.Events;

namespace Causality.Sink.Erasure;

/// <summary>Whose events an erasure or an export is about: a user of an app, devices, or both; what was received before a moment.</summary>
internal sealed record Person(string AppId, string? UserId, IReadOnlyList<string> DeviceIds, DateTimeOffset ReceivedBefore)
{
    private long Before => ReceivedBefore.ToUnixTimeMilliseconds();

    /// <summary>SQL over the columns of the lake that is true of the person's rows, false of the others, and never NULL.</summary>
    public string Condition => string.Create(CultureInfo.InvariantCulture,
        $"(received_at_ms < {Before} AND (coalesce(user_id = {Literal(UserId)}, false) OR coalesce(device_id IN ({(DeviceIds.Count == 0 ? "NULL" : string.Join(", ", DeviceIds.Select(Literal)))}), false)))");

    /// <summary>The same of an event on its way.</summary>
    public bool Covers(EventBatchReader e) => e.Number(EventColumn.ReceivedAtMs) < Before
        && e.Text(EventColumn.AppId).SequenceEqual(Utf8(AppId))
        && ((UserId is { } user && e.Text(EventColumn.UserId).SequenceEqual(Utf8(user))) || DeviceIds.Any(device => IsDevice(e, device)));

    /// <summary>Whether the bytes contain one of the person's ids; so it is with every event that <see cref="Covers"/> accepts.</summary>
    public bool IsNamedIn(ReadOnlySpan<byte> bytes)
    {
        foreach (var name in UserId is { } user ? DeviceIds.Append(user) : DeviceIds)
            if (bytes.IndexOf(Utf8(name)) >= 0)
                return true;
        return false;
    }

    private static bool IsDevice(EventBatchReader e, string device) => e.Text(EventColumn.DeviceId).SequenceEqual(Utf8(device));

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Literal(string? text) => text is null ? "NULL" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
