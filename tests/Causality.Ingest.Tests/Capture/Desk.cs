using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Causality.Contracts.Events;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Receiving;

namespace Causality.Ingest.Tests.Capture;

/// <summary>Where a request is handed in: its verdicts, its rows by column name, and its answer as text.</summary>
internal sealed record Desk(CaptureResult Result, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows, string Answer)
{
    public static readonly DateTimeOffset Received = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    public static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");

    /// <summary>Of <see cref="Address"/>, by the rules of every request that is handed in here.</summary>
    public static readonly string IpHash = HashOf(Address);

    private static AppRules Rules { get; } = new(new byte[32], IpPolicy.Hash) { Enrichment = false };

    private static readonly EventCapture Shared = new(new CaptureOptions());

    public IReadOnlyDictionary<string, string> Row => Rows.Single();

    public string Payload => Row["payload_json"];

    /// <summary>The error of the only event, or null.</summary>
    public string? Error => Result.Results.Single().Error;

    public static string HashOf(IPAddress address) => AddressHash.Of(address, new byte[32], IpPolicy.Hash)!;

    public static Desk Single(string eventJson) => Send($$"""{"event":{{eventJson}}}""", RequestShape.Single);

    public static Desk Batch(params string[] events) => Send($$"""{"events":[{{string.Join(',', events)}}]}""", RequestShape.Batch);

    public static Desk Flat(string eventJson) => Send(eventJson, RequestShape.FlatSingle);

    /// <summary>A batch of one event that has the required fields and these.</summary>
    public static Desk With(string members) => Batch($$"""{"deviceId":"d","timestampMs":"1763717400000",{{members}}}""");

    public static Desk Send(string body, RequestShape shape, int protocol = 1) => Send(Encoding.UTF8.GetBytes(body), BodyFormat.Json, shape, protocol);

    public static Desk Send(ReadOnlyMemory<byte> body, BodyFormat format, RequestShape shape, int protocol = 1, CaptureOptions? options = null, AppRules? rules = null, string userAgent = "curl/8")
    {
        using var batch = new EventBatchWriter();
        var capture = options is null ? Shared : new EventCapture(options);
        var result = capture.Capture(body, format, shape, "shop", Received, new ClientInfo(userAgent, Address, rules ?? Rules), batch);
        var answer = new ArrayBufferWriter<byte>();
        if (result.Violations.Count > 0)
            CaptureAnswers.WriteViolations(answer, result.Violations);
        else
            CaptureAnswers.Write(answer, format, shape, result, protocol);
        return new Desk(result, Read(batch.Written), format == BodyFormat.Json ? Encoding.UTF8.GetString(answer.WrittenSpan) : Convert.ToHexString(answer.WrittenSpan));
    }

    public static List<IReadOnlyDictionary<string, string>> Read(ReadOnlyMemory<byte> batch)
    {
        var rows = new List<IReadOnlyDictionary<string, string>>();
        var reader = new EventBatchReader();
        reader.Reset(batch);
        while (reader.Next(out var frame))
        {
            if (reader.Read(frame) is { } damage)
                throw new InvalidDataException(damage);
            var row = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var column in EventColumns.All.Where(c => reader.Has(c.Column)))
            {
                row[column.Name] = column.Kind == ColumnKind.Text
                    ? new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(reader.Text(column.Column))
                    : reader.Number(column.Column).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
            JsonDocument.Parse(row["payload_json"], new JsonDocumentOptions { AllowDuplicateProperties = false }).Dispose();
            rows.Add(row);
        }
        return rows;
    }
}
