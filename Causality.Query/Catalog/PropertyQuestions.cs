using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Causality.Lake.Properties;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Query.Catalog;

/// <summary>
/// How often questions took which property: what is asked often gets a column of its own. Gathered in memory and written every few seconds, so
/// that no question waits for it or fails with it.
/// </summary>
internal sealed partial class PropertyQuestions(HotProperties hot, TimeProvider clock, ILogger<PropertyQuestions> log) : BackgroundService
{
    /// <summary>Properties that are remembered until they are written; while the database is away, what is beyond is forgotten.</summary>
    private const int Most = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string App, string Property), long> _times = [];

    public void Asked(string appId, string property)
    {
        if (_times.Count < Most)
            _times.AddOrUpdate((appId, property), 1, static (_, times) => times + 1);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Save(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Save(cancellationToken);
    }

    [SuppressMessage("Design", "CA1031", Justification = "what is wrong with one app's questions is no reason to stop the others'")]
    private async Task Save(CancellationToken ct)
    {
        foreach (var app in _times.Keys.GroupBy(k => k.App, k => k.Property))
        {
            var taken = new Dictionary<string, long>();
            foreach (var property in app)
                if (_times.TryRemove((app.Key, property), out var times))
                    taken.Add(property, times);
            try
            {
                await hot.Asked(app.Key, taken, ct);
            }
            catch (Exception away) when (away is OperationCanceledException or NpgsqlException and (not PostgresException or PostgresException { IsTransient: true }))
            {
                foreach (var (property, times) in taken)
                    _times.AddOrUpdate((app.Key, property), times, (_, more) => more + times);
                NotSaved(log, away);
                return;
            }
            catch (Exception refused)
            {
                // it would be refused again, and take the place of what others ask
                Refused(log, refused, app.Key);
            }
        }
    }

    [LoggerMessage(7010, LogLevel.Warning, "How often properties were asked could not be written; it is tried again")]
    private static partial void NotSaved(ILogger log, Exception failure);

    [LoggerMessage(7011, LogLevel.Error, "How often properties of {App} were asked cannot be written, and is forgotten")]
    private static partial void Refused(ILogger log, Exception failure, string app);
}
