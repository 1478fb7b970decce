using Causality.EventStore.Outbox;
using Causality.EventStore.Projections;
using Causality.Ingest;
using Causality.Lake.Files;
using Causality.Sink;
using MassTransit;
using MassTransit.Monitoring;
using MassTransit.Transports;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Causality.Host;

/// <summary>
/// GET /health: the process answers. GET /ready: it can do its work; what it lacks is named. Without the broker a host that takes events into its spool does its
/// work, and so does one that only answers questions: they are ready, with a warning. One that consumes and does not take events is not.
/// </summary>
internal static class Health
{
    private const string Broker = "broker", Consumers = "consumers";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public sealed record Alive(string Status, DateTimeOffset Timestamp);

    /// <param name="Warning">What of the checks is not as it should be, though the host does its work.</param>
    public sealed record Ready(string Status, IReadOnlyDictionary<string, string> Checks, string? Warning = null);

    public sealed record NotReady(string Status, string Error, IReadOnlyDictionary<string, string> Checks);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", (TimeProvider clock) => TypedResults.Ok(new Alive("healthy", clock.GetUtcNow()))).WithName("health").WithTags("Operations").AllowAnonymous();
        routes.MapGet("/ready", Check).WithName("ready").WithTags("Operations").AllowAnonymous();
        routes.MapGet("/metrics", (PrometheusText metrics) => TypedResults.Text(metrics.Scrape(), PrometheusText.ContentType)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Check(IServiceProvider services, NpgsqlDataSource database, IObjectStore store, IEnumerable<IBusInstance> buses, CancellationToken ct)
    {
        var checks = new Dictionary<string, string>
        {
            [Broker] = buses.All(bus => bus.BusControl.CheckHealth() is { Status: BusHealthStatus.Healthy }) ? "ok" : "RabbitMQ is away, or an endpoint has not started",
            ["database"] = await Try(async stop =>
            {
                await using var ask = database.CreateCommand("select 1");
                await ask.ExecuteScalarAsync(stop);
            }, ct),
            ["lake"] = await Try(store.Check, ct),
        };
        if (SinkModule.Problem(services) is { } problem)
            checks["sink"] = $"the last flush failed and is being tried again: {problem}";
        if (services.GetService<QueueCheck>()?.Problem is { } queue)
            checks["queues"] = queue;
        if (services.GetService<ConsumerWatch>()?.Problem is { } endpoint)
            checks[Consumers] = $"{endpoint} does not consume; the bus is started again";
        var excused = services.GetRequiredService<BrokerNeed>().Excuses(checks[Broker] == "ok");
        var broken = checks.Where(c => c.Value != "ok").ToLookup(c => excused && c.Key is (Broker or Consumers), c => $"{c.Key}: {c.Value}");
        var failed = broken[false].ToList();
        // told, but no reason to take a host out of service: outbox and projections are everybody's, and what one of them stumbles over would stop them all
        if (OutboxModule.Problem(services) is { } waiting)
            checks["outbox"] = waiting;
        if (SinkModule.Warning(services) is { } dead)
            checks["dead letters"] = dead;
        var asked = checks["database"] != "ok" ? "ok" : await Try(async stop =>
        {
            foreach (var standing in (await services.GetRequiredService<IProjections>().List(stop)).Where(p => p.Failure is not null))
                checks[$"projection {standing.Name}"] = $"stands still at fact {standing.Failure!.Sequence}: {standing.Failure.Error}";
        }, ct);
        if (asked != "ok")
            checks["projections"] = asked;
        return failed.Count == 0
            ? TypedResults.Ok(new Ready("ready", checks, broken[true].Any() ? string.Join("; ", broken[true]) : null))
            : TypedResults.Json(new NotReady("not_ready", string.Join("; ", failed), checks), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> Try(Func<CancellationToken, Task> check, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        try
        {
            await check(deadline.Token);
            return "ok";
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {Patience.TotalSeconds:0} s";
        }
        catch (Exception away) when (away is NpgsqlException or IOException or UnauthorizedAccessException)
        {
            return away.Message;
        }
    }
}

/// <summary>Whether this host does its work without the broker. One that starts is given a few seconds to reach it, and is not called ready without it before.</summary>
internal sealed class BrokerNeed(IServiceProvider services, TimeProvider clock, bool consumes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly long _began = clock.GetTimestamp();
    private volatile bool _reached;

    public bool Excuses(bool connected)
    {
        _reached |= connected;
        return (_reached || clock.GetElapsedTime(_began) >= Patience) && (IngestModule.SpoolTakes(services) ?? !consumes);
    }
}
