using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Causality.Host;

/// <summary>
/// Starts the consuming bus again when one of its endpoints does not consume while the broker is there. MassTransit waits for the client's library to
/// say that a consumer's channel is gone, and where a connection is cut while messages are in hand the library may have been told to forget the channel
/// before it says so (MassTransit issue 5692): such an endpoint calls itself ready for ever. An endpoint is gone when the connection on which it became ready is
/// closed, or when the broker knows no consumer of its queue at all. After a long outage, when MassTransit waits a minute between attempts, this is sooner too.
/// </summary>
internal sealed class ConsumerWatch : BackgroundService, IHostedLifecycleService, IReceiveEndpointObserver
{
    public const string MeterName = "Causality.Host";

    // a cut connection is usually back within two seconds; messages in hand are waited for, and a flush takes its time
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(10), StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Uri, IConnection> _endpoints = new();
    private readonly ConcurrentDictionary<ReceiveEndpoint, bool> _seen = new();
    private readonly SemaphoreSlim _restarting = new(1);
    private readonly IBusInstance _bus;
    private readonly ConnectionFactory _broker;
    private readonly TimeProvider _clock;
    private readonly ILogger<ConsumerWatch> _log;
    private readonly Counter<long> _restarts;
    private IConnection? _connection;
    private volatile string? _problem;

    public ConsumerWatch(IEnumerable<IBusInstance> buses, HostSettings settings, TimeProvider clock, IMeterFactory meters, ILogger<ConsumerWatch> log)
    {
        (_bus, _clock, _log) = (buses.Single(bus => bus.InstanceType == typeof(IConsumingBus)), clock, log);
        _broker = new ConnectionFactory { Uri = settings.Amqp, AutomaticRecoveryEnabled = false, ClientProvidedName = "causality consumer watch" };
        _restarts = meters.Create(MeterName).CreateCounter<long>("causality.host.consumers.restarted", "{restart}", "Restarts of the consuming bus, because an endpoint did not consume while the broker was there");
    }

    /// <summary>Which endpoint does not consume, though the broker is there; null when all do.</summary>
    public string? Problem => _problem;

    /// <summary>Before the bus starts, so that no endpoint becomes ready unseen.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _bus.BusControl.ConnectReceiveEndpointObserver(this);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Ready(ReceiveEndpointReady ready)
    {
        await Seen(ready.ReceiveEndpoint);
        if (ready.InputAddress.Query.Contains("temporary=true", StringComparison.Ordinal))
            return;   // the bus's own, for answers, which nobody asks for
        var connections = ((IRabbitMqHostConfiguration)_bus.HostConfiguration).ConnectionContextSupervisor;
        await connections.Send(Pipe.Execute<ConnectionContext>(current => _endpoints[ready.InputAddress] = current.Connection), CancellationToken.None);
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Seen(stopping.ReceiveEndpoint);

    public Task Completed(ReceiveEndpointCompleted completed) => Seen(completed.ReceiveEndpoint);

    public Task Faulted(ReceiveEndpointFaulted faulted) => Seen(faulted.ReceiveEndpoint);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _restarts.Add(0);   // shown from the start
        try
        {
            for (long? since = null; ; await Task.Delay(Period, _clock, stoppingToken))
            {
                _problem = await Gone(stoppingToken);
                if (_problem is not { } problem)
                    since = null;
                else if ((since ??= _clock.GetTimestamp()) is var first && _clock.GetElapsedTime(first) >= Patience)
                {
                    _log.DoesNotConsume(problem);
                    _restarts.Add(1);
                    await Restart(StartTimeout, stoppingToken);
                    since = null;
                }
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // the host stops, and a restart with it, however that ended
        }
        finally
        {
            if (_connection is not null)
                await _connection.DisposeAsync();
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever the broker does, it is away: then the bus comes back by itself, and /ready tells")]
    private async Task<string?> Gone(CancellationToken ct)
    {
        try
        {
            if (_connection is not { IsOpen: true })
            {
                if (_connection is not null)
                    await _connection.DisposeAsync();
                _connection = null;
                _connection = await _broker.CreateConnectionAsync(ct);
            }
            foreach (var (endpoint, connection) in _endpoints)
                if (!connection.IsOpen || await Consumers(_connection, Uri.UnescapeDataString(endpoint.Segments[^1]), ct) == 0)
                    return endpoint.Segments[^1];
            return null;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<uint> Consumers(IConnection connection, string queue, CancellationToken ct)
    {
        // a queue that is not there closes the channel
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        try
        {
            return await channel.ConsumerCountAsync(queue, ct);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason is { ReplyCode: Constants.NotFound })
        {
            return 0;
        }
    }

    private Task Seen(IReceiveEndpoint endpoint)
    {
        if (endpoint is ReceiveEndpoint one)
            _seen[one] = true;
        return Task.CompletedTask;
    }

    /// <summary>Until it has started. What an endpoint holds is finished, or given back to the broker, which knows it by its message id.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "a bus that did not stop or start is told to again")]
    internal async Task Restart(TimeSpan startTimeout, CancellationToken ct)
    {
        await _restarting.WaitAsync(ct);
        try
        {
            for (; ; await Task.Delay(Patience, _clock, ct))
                try
                {
                    await Stop(ct);
                    using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    deadline.CancelAfter(startTimeout);
                    await _bus.BusControl.StartAsync(deadline.Token);
                    _log.ConsumesAgain();
                    return;
                }
                catch (Exception failure) when (!ct.IsCancellationRequested)
                {
                    _log.NotRestarted(failure);
                }
        }
        finally
        {
            _restarting.Release();
        }
    }

    /// <summary>
    /// Ends every endpoint, however long that takes: half an end is worse than none. MassTransit goes by an endpoint's state, and that may be wrong: one whose consumer has ended is passed over by a stop
    /// and then refused, and dropped, by the start; one that is stopped while it waits to connect counts as started ever after.
    /// </summary>
    private async Task Stop(CancellationToken ct)
    {
        foreach (var stopped in _seen.Keys.Select(endpoint => (Endpoint: endpoint, End: endpoint.Stop(ct))).ToList())
        {
            await stopped.End;
            stopped.Endpoint.CurrentState = ReceiveEndpoint.State.Completed;
        }
        await _bus.BusControl.StopAsync(ct);
    }

    public override void Dispose()
    {
        _restarting.Dispose();
        base.Dispose();
    }
}

internal static partial class ConsumerWatchLog
{
    public static void AddConsumerWatch(this IServiceCollection services)
    {
        services.AddSingleton<ConsumerWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerWatch>());
    }

    [LoggerMessage(1103, LogLevel.Warning, "{Endpoint} does not consume, though the broker is there; the bus is started again")]
    public static partial void DoesNotConsume(this ILogger log, string endpoint);

    [LoggerMessage(1104, LogLevel.Information, "The bus that consumes has started again")]
    public static partial void ConsumesAgain(this ILogger log);

    [LoggerMessage(1105, LogLevel.Warning, "The bus that consumes could not be stopped or started; it is tried again")]
    public static partial void NotRestarted(this ILogger log, Exception failure);
}
