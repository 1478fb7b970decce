using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Causality.Host;

/// <summary>
/// Proves at start that the broker dead-letters at least once: it declares the sink's queues with the arguments that say so, which the broker refuses
/// where they were made with others. A queue keeps the arguments that it was made with for ever, so somebody has to act; <c>/ready</c> says what is wrong.
/// </summary>
internal sealed class QueueCheck(HostSettings settings, TimeProvider clock, ILogger<QueueCheck> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private volatile string? _problem;

    /// <summary>Null when the queues are as they must be, or the broker could not be asked yet.</summary>
    public string? Problem => _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await Holds(stoppingToken))
                await Task.Delay(Pause, clock, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> Holds(CancellationToken ct)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = settings.Amqp, ClientProvidedName = "causality queue check" }.CreateConnectionAsync(ct);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            await channel.ExchangeDeclareAsync(Bus.DeadQueue, ExchangeType.Fanout, durable: true, cancellationToken: ct);
            await channel.QueueDeclareAsync(Bus.DeadQueue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
            await channel.QueueBindAsync(Bus.DeadQueue, Bus.DeadQueue, "", cancellationToken: ct);
            await channel.QueueDeclareAsync(Bus.SinkQueue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(Bus.SinkArguments), cancellationToken: ct);
            _problem = null;
            return true;
        }
        catch (OperationInterruptedException refused) when (refused.ShutdownReason is { ReplyCode: Constants.PreconditionFailed } reason)
        {
            var problem = $"The broker has a queue with other arguments than at-least-once dead-lettering needs: {reason.ReplyText}. Let it run empty, delete it, and it is made anew.";
            if (_problem != problem)
                log.QueueIsDifferent(problem);
            _problem = problem;
            return false;
        }
        catch (Exception away) when (away is BrokerUnreachableException or OperationInterruptedException or IOException)
        {
            return false;   // which /ready tells by itself
        }
    }
}

internal static partial class QueueCheckLog
{
    public static void AddQueueCheck(this IServiceCollection services)
    {
        services.AddSingleton<QueueCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<QueueCheck>());
    }

    [LoggerMessage(1101, LogLevel.Error, "{Problem}")]
    public static partial void QueueIsDifferent(this ILogger log, string problem);
}
