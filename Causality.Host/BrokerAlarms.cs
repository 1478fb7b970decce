using System.Diagnostics.CodeAnalysis;
using Causality.Ingest.Publishing;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using RabbitMQ.Client.Events;

namespace Causality.Host;

/// <summary>
/// Tells ingest when the broker blocks the publishing connection, being short of memory or disk, and when it does so no longer. MassTransit keeps
/// that to itself, so this stays beside each connection that it makes for as long as that lives.
/// </summary>
internal sealed class BrokerAlarms(IEnumerable<IBusInstance> buses, IServiceProvider services, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    [SuppressMessage("Design", "CA1031", Justification = "a broker that cannot be reached is told of by publishing; here it is only waited for")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (services.GetService<IBrokerAlarm>() is not { } alarm)
            return;
        var connections = ((IRabbitMqHostConfiguration)buses.Single(bus => bus.InstanceType == typeof(IBus)).HostConfiguration).ConnectionContextSupervisor;
        var watch = Pipe.ExecuteAsync<ConnectionContext>(connection => Watch(connection, alarm, stoppingToken));
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await connections.Send(watch, stoppingToken);
                await Task.Delay(Pause, clock, stoppingToken);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, clock, stoppingToken);
            }
    }

    /// <summary>Until the connection is gone.</summary>
    private static async Task Watch(ConnectionContext context, IBrokerAlarm alarm, CancellationToken ct)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopping = ct.Register(() => gone.TrySetResult());
        var connection = context.Connection;
        Task Blocked(object sender, ConnectionBlockedEventArgs blocked)
        {
            alarm.Raised(blocked.Reason);
            return Task.CompletedTask;
        }
        Task Unblocked(object sender, AsyncEventArgs unblocked)
        {
            alarm.Cleared();
            return Task.CompletedTask;
        }
        Task Shutdown(object sender, ShutdownEventArgs reason)
        {
            gone.TrySetResult();
            return Task.CompletedTask;
        }
        connection.ConnectionBlockedAsync += Blocked;
        connection.ConnectionUnblockedAsync += Unblocked;
        connection.ConnectionShutdownAsync += Shutdown;
        try
        {
            if (connection.IsOpen)
                await gone.Task;
        }
        finally
        {
            connection.ConnectionBlockedAsync -= Blocked;
            connection.ConnectionUnblockedAsync -= Unblocked;
            connection.ConnectionShutdownAsync -= Shutdown;
            alarm.Cleared();
        }
    }
}
