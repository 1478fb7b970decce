using System.Diagnostics;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Serialization;

namespace Causality.EventStore.Outbox;

/// <summary>Sends a waiting message as it was written: its id, so that an inbox knows a second copy, and its envelope. Complete when the broker has confirmed that a queue holds it.</summary>
internal sealed class BrokerSend(IBus bus, TimeProvider clock)
{
    public const string ActivitySource = "Causality.Outbox";

    private static readonly ActivitySource Activities = new(ActivitySource);

    /// <summary>Throws when the broker refuses it, when no queue is bound, and <see cref="TimeoutException"/> without a confirm by the deadline.</summary>
    public async Task Send(WaitingMessage message, TimeSpan deadline, CancellationToken ct)
    {
        var serializer = SystemTextJsonMessageSerializer.Instance;
        var destination = new Uri(message.Destination);
        var envelope = serializer.Deserialize(serializer.GetMessageBody(message.Body), EmptyHeaders.Instance, destination);
        envelope.Headers.TryGetHeader(DiagnosticHeaders.ActivityId, out var trace);
        using var activity = Activities.StartActivity("outbox deliver", ActivityKind.Producer, trace as string);
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sending = SendTo(destination, new AsWritten(message.Id, envelope, clock), givenUp.Token);
        try
        {
            await sending.WaitAsync(deadline, clock, ct);
        }
        catch (TimeoutException)
        {
            // it is tried again: how this one ends is of no interest any more, and must not be an unobserved exception
            _ = sending.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new TimeoutException($"The broker did not confirm it within {deadline}.");
        }
        finally
        {
            await givenUp.CancelAsync();
        }
    }

    private async Task SendTo(Uri destination, AsWritten pipe, CancellationToken ct)
    {
        var endpoint = await bus.GetSendEndpoint(destination);
        await endpoint.Send(new SerializedMessageBody(), pipe, ct);
    }

    private sealed class AsWritten(Guid id, SerializerContext envelope, TimeProvider clock) : IPipe<SendContext>
    {
        public Task Send(SendContext context)
        {
            context.MessageId = id;
            context.RequestId = envelope.RequestId;
            context.ConversationId = envelope.ConversationId;
            context.CorrelationId = envelope.CorrelationId;
            context.InitiatorId = envelope.InitiatorId;
            context.SourceAddress = envelope.SourceAddress;
            context.ResponseAddress = envelope.ResponseAddress;
            context.FaultAddress = envelope.FaultAddress;
            context.SupportedMessageTypes = envelope.SupportedMessageTypes;
            if (envelope.ExpirationTime is { } expires)
                context.TimeToLive = TimeSpan.FromMilliseconds(Math.Max(1, (expires.ToUniversalTime() - clock.GetUtcNow().UtcDateTime).TotalMilliseconds));
            foreach (var header in envelope.Headers.GetAll())
                context.Headers.Set(header.Key, header.Value);
            context.Serializer = envelope.GetMessageSerializer();
            context.Durable = true;
            // a broker confirms a message for which no queue is bound as well, and drops it
            if (context is not PublishContext publish)
                throw new NotSupportedException("The bus cannot be told that the message must reach a queue; the outbox needs RabbitMQ.");
            publish.Mandatory = true;
            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context)
        {
        }
    }
}
