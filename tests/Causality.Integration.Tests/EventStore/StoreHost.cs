using System.Collections.Concurrent;
using Causality.EventStore;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Integration.Tests.EventStore;

/// <summary>A program that has the event store and nothing else.</summary>
internal sealed class StoreHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private bool _stopped;

    public StoreHost(string postgres, Action<IServiceCollection> also)
    {
        var services = new ServiceCollection();
        services.AddSingleton(_ => NpgsqlDataSource.Create(postgres));
        services.AddLogging(logging => logging.AddProvider(Log));
        services.AddEventStore().AddProjectionDaemon();
        also(services);
        _services = services.BuildServiceProvider();
    }

    public IEventStore Store => _services.GetRequiredService<IEventStore>();

    public IProjections Projections => _services.GetRequiredService<IProjections>();

    public FactTypes Types => _services.GetRequiredService<FactTypes>();

    public KeptLog Log { get; } = new();

    public async Task Start()
    {
        foreach (var part in _services.GetServices<IHostedService>())
            await part.StartAsync(CancellationToken.None);
    }

    public async Task Stop()
    {
        _stopped = true;
        foreach (var part in _services.GetServices<IHostedService>())
            await part.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await Stop();
        await _services.DisposeAsync();
    }
}

/// <summary>What a host has logged.</summary>
internal sealed class KeptLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();

    public IEnumerable<string> Errors => _entries.Where(e => e.Level >= LogLevel.Error).Select(e => e.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, formatter(state, exception)));

    public void Dispose() { }
}
