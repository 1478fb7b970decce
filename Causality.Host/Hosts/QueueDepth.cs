using System.Diagnostics.CodeAnalysis;
using Causality.Http.Hosts;
using RabbitMQ.Client;

namespace Causality.Host.Hosts;

/// <summary>
/// How many messages wait at the broker, asked every five seconds by a passive declare, which needs no management plugin: ready ones of the sink's queue and of the
/// queue of those that were delivered too often. It does not tell those that sinks hold; they tell that themselves.
/// </summary>
internal sealed class QueueDepth(HostSettings settings, TimeProvider clock, ILogger<QueueDepth> log) : BackgroundService, IHostStatus
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private volatile IReadOnlyDictionary<string, double> _figures = new Dictionary<string, double>();

    public string Name => "queue";

    /// <summary>Empty while the broker does not answer.</summary>
    public IReadOnlyDictionary<string, double> Figures => _figures;

    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the broker does; /ready tells that it is away")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var broker = new ConnectionFactory { Uri = settings.Amqp, AutomaticRecoveryEnabled = false, ClientProvidedName = "causality queue depth" };
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await broker.CreateConnectionAsync(stoppingToken);
                while (true)
                {
                    // a queue that is not there closes the channel
                    await using (var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken))
                        _figures = new Dictionary<string, double>
                        {
                            ["messages_ready"] = await channel.MessageCountAsync(Bus.SinkQueue, stoppingToken),
                            ["dead_messages_ready"] = await channel.MessageCountAsync(Bus.DeadQueue, stoppingToken),
                        };
                    await Task.Delay(Period, clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away)
            {
                _figures = new Dictionary<string, double>();
                log.QueueUnknown(away.Message);
            }
            await Task.Delay(Period, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

internal static partial class HostsLog
{
    [LoggerMessage(1102, LogLevel.Debug, "The depth of the queues is not known: {Reason}")]
    public static partial void QueueUnknown(this ILogger log, string reason);
}
