using System.Diagnostics;
using System.Net.Mime;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Serialization;

namespace Causality.EventStore.Outbox;

/// <summary>A message as it waits: MassTransit's JSON envelope, and where it goes.</summary>
/// <param name="Destination">An exchange, without the broker's address: the broker may have moved until the message is delivered.</param>
/// <param name="Types">The message's type names, URNs, separated by semicolons.</param>
/// <param name="Token">What a scheduled message is cancelled by.</param>
/// <param name="Delay">How long a scheduled message waits; null for one that is sent at once.</param>
internal sealed record OutboxMessage(Guid Id, string Destination, string Types, string Body, Guid? Token, TimeSpan? Delay)
{
    /// <summary>Carries the correlation of the facts that a message came with to those that its consumers record.</summary>
    public const string CorrelationHeader = "causality-correlation-id";

    // what an exchange must be declared with to be the same one; that a queue is bound to it is its consumer's business
    private static readonly string[] ExchangeOptions = ["temporary", "durable", "autodelete", "type"];

    public static OutboxMessage From<T>(SendContext<T> send, string? correlationId)
        where T : class
    {
        if (send.Serializer is not { ContentType: { } type } || !Same(type, SystemTextJsonMessageSerializer.JsonContentType))
            throw new NotSupportedException($"{typeof(T)} does not travel as JSON, so it cannot wait in the outbox; publish it on the bus.");
        if (correlationId is not null && !send.Headers.TryGetHeader(CorrelationHeader, out _))
            send.Headers.Set(CorrelationHeader, correlationId);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace } && !send.Headers.TryGetHeader(DiagnosticHeaders.ActivityId, out _))
            send.Headers.Set(DiagnosticHeaders.ActivityId, trace);
        return new OutboxMessage(send.MessageId ??= Guid.CreateVersion7(), Exchange(send.DestinationAddress!), string.Join(';', send.SupportedMessageTypes),
            send.Serializer.GetMessageBody(send).GetString(), send.ScheduledMessageId, send.Delay);
    }

    /// <summary><c>rabbitmq://host/vhost/name?…</c>, <c>queue:name</c> and the like as <c>exchange:name?…</c>.</summary>
    internal static string Exchange(Uri address)
    {
        var name = address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..];
        var options = address.Query.TrimStart('?').Split('&').Where(option => ExchangeOptions.Contains(option.Split('=')[0])).ToList();
        return options.Count == 0 ? $"exchange:{name}" : $"exchange:{name}?{string.Join('&', options)}";
    }

    private static bool Same(ContentType one, ContentType other) => string.Equals(one.MediaType, other.MediaType, StringComparison.OrdinalIgnoreCase);
}
