using System.Security.Cryptography;
using System.Text;

namespace Causality.Benchmarks.Faults;

/// <summary>An event as it was sent: every value that has to come back, and by which key.</summary>
internal sealed record SentEvent(string App, string Key, string Device, long TimestampMs, string Text, long Number)
{
    public const string Type = "checked";
    private static readonly string[] Words = ["shirts", "\"quoted\"", "back\\slash", "größer", "東京", "🙂", "tab\there", "%s", "{}", "null", "' or 1=1"];

    public static SentEvent Make(string app, DateTimeOffset at)
    {
        var random = Random.Shared;
        return new SentEvent(app, Guid.NewGuid().ToString("N"), $"device-{random.Next(100)}", at.ToUnixTimeMilliseconds(),
            string.Join(' ', Enumerable.Range(0, random.Next(1, 12)).Select(_ => Words[random.Next(Words.Length)])), random.NextInt64(1L << 50));
    }

    /// <summary>Of all that was sent; it travels with the event as a property, so that a lake can be checked even where this object is gone.</summary>
    public string Checksum { get; } = Sum(App, Key, Device, TimestampMs, Type, Text, Number);

    public static string Sum(string app, string key, string device, long timestampMs, string type, string text, long number) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{app}\n{key}\n{device}\n{timestampMs}\n{type}\n{text}\n{number}")).AsSpan(0, 8));

    public object Json() => new
    {
        deviceId = Device,
        timestampMs = TimestampMs,
        idempotencyKey = Key,
        customEvent = new { eventName = Type, stringParams = new { text = Text, checksum = Checksum }, intParams = new { number = Number } },
    };
}
