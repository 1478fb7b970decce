using System.Text.Json;
using Causality.Http.Hosts;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Host.Hosts;

/// <summary>
/// Every two seconds this process writes that it lives, and the figures of its modules. Its row goes when it stops; that of a process that was killed goes after a day.
/// </summary>
internal sealed class Heartbeat(NpgsqlDataSource database, IEnumerable<IHostStatus> status, HostName name, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<Heartbeat> log, string[] roles) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly string Version = typeof(Heartbeat).Assembly.GetName().Version!.ToString(3);

    private readonly Guid _id = Guid.CreateVersion7();
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // its name has the port, which is known then
        var started = new TaskCompletionSource();
        await using var known = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Write(stoppingToken);
                failed = false;
            }
            catch (NpgsqlException away) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failed)   // once, until it is back
                    log.NotTold(away);
                failed = true;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            await Task.Delay(Period, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var delete = database.CreateCommand("delete from hosts where id = $1");
            delete.Parameters.AddWithValue(_id);
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception away) when (away is NpgsqlException or OperationCanceledException)
        {
            log.NotTold(away);
        }
    }

    private async Task Write(CancellationToken ct)
    {
        // seen by the database's clock, which is the same for all of them
        await using var write = database.CreateCommand(
            """
            with gone as (delete from hosts where seen_at < now() - interval '1 day' and id <> $1)
            insert into hosts (id, name, roles, version, started_at, seen_at, status) values ($1, $2, $3, $4, $5, now(), $6)
            on conflict (id) do update set name = excluded.name, seen_at = excluded.seen_at, status = excluded.status
            """);
        write.Parameters.AddWithValue(_id);
        write.Parameters.AddWithValue(name.ToString());
        write.Parameters.AddWithValue(roles);
        write.Parameters.AddWithValue(Version);
        write.Parameters.AddWithValue(_startedAt);
        write.Parameters.AddWithValue(NpgsqlDbType.Jsonb, JsonSerializer.Serialize(status.Select(module => (module.Name, module.Figures)).Where(module => module.Figures.Count > 0)
            .ToDictionary(module => module.Name, module => module.Figures)));
        await write.ExecuteNonQueryAsync(ct);
    }
}

internal static partial class HostsLog
{
    [LoggerMessage(1106, LogLevel.Warning, "This host could not tell the others that it lives, and how it is")]
    public static partial void NotTold(this ILogger log, Exception exception);
}
