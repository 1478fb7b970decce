using RabbitMQ.Client;

namespace Causality.Integration.Tests;

/// <summary>The broker as somebody else's program talks to it.</summary>
internal sealed class RawBroker : IAsyncDisposable
{
    private readonly IConnection _connection;

    private RawBroker(IConnection connection, IChannel channel) => (_connection, Channel) = (connection, channel);

    public IChannel Channel { get; }

    public static async Task<RawBroker> Open(World world)
    {
        var connection = await new ConnectionFactory { Uri = world.RabbitMq }.CreateConnectionAsync();
        return new RawBroker(connection, await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)));
    }

    /// <summary>Puts a message straight into a queue, or to an exchange; returns when the broker has it.</summary>
    public async Task Publish(ReadOnlyMemory<byte> body, string queue = "causality.sink", string exchange = "", Guid? id = null, string? contentType = null, string? counts = null)
    {
        var properties = new BasicProperties { Persistent = true, ContentType = contentType, MessageId = id?.ToString(), Headers = new Dictionary<string, object?>() };
        if (counts is not null)
            properties.Headers["causality-counts"] = counts;
        await Channel.BasicPublishAsync(exchange, exchange.Length == 0 ? queue : "", mandatory: true, properties, body);
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
