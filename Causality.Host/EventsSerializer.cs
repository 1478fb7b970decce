using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using System.Text;
using Causality.Contracts.Events;
using MassTransit;
using MassTransit.Serialization;

namespace Causality.Host;

/// <summary>Puts a batch of events on the bus as it is: the message's body is the batch, its counts are a header.</summary>
internal sealed class EventsSerializerFactory : ISerializerFactory
{
    public ContentType ContentType => EventsSerializer.Type;

    public IMessageSerializer CreateSerializer() => new EventsSerializer();

    public IMessageDeserializer CreateDeserializer() => new EventsDeserializer();
}

internal sealed class EventsSerializer : IMessageSerializer
{
    public static readonly ContentType Type = new(EventsAccepted.ContentType);

    public ContentType ContentType => Type;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        context.Message is EventsAccepted events
            ? new BytesBody(events.Batch)
            : throw new NotSupportedException($"{typeof(T).Name} does not travel as {Type}.");
}

internal sealed class EventsDeserializer : IMessageDeserializer
{
    public ContentType ContentType => EventsSerializer.Type;

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        var counts = EventCounts.Parse(headers.Get<string>(EventsAccepted.CountsHeader));
        return new EventsContext(new EventsAccepted(HandOver.Body is { IsEmpty: false } bytes && bytes.Length == body.Length ? bytes : body.GetBytes(), counts), new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default));
    }

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("events");
}

internal sealed class BytesBody(ReadOnlyMemory<byte> bytes) : MessageBody
{
    public long? Length => bytes.Length;

    public Stream GetStream() => new MemoryStream(GetBytes(), writable: false);

    public byte[] GetBytes() => bytes.ToArray();

    public string GetString() => Encoding.UTF8.GetString(bytes.Span);
}

/// <summary>A received batch: its one message type is <see cref="EventsAccepted"/>, whatever the sender said.</summary>
internal sealed class EventsContext(EventsAccepted events, MessageContext message)
    : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, message, [MessageUrn.ForTypeString<EventsAccepted>()])
{
    public override bool TryGetMessage<T>([NotNullWhen(true)] out T? result)
        where T : class
    {
        result = events as T;
        return result is not null;
    }

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? result)
    {
        result = messageType.IsInstanceOfType(events) ? events : null;
        return result is not null;
    }

    public override IMessageSerializer GetMessageSerializer() => new EventsSerializer();

    public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => new EventsSerializer();

    public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => new EventsSerializer();

    public override Dictionary<string, object> ToDictionary<T>(T? message)
        where T : class => [];
}
