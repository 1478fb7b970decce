using Causality.Web.Accounts.Tokens;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Web.Accounts;

/// <summary>Deletes what has been over for long, every hour: sessions, tokens, links, counts of wrong passwords, keys. On every host; twice does no harm.</summary>
internal sealed class CleanUp(NpgsqlDataSource database, SigningKeys keys, TimeProvider clock, ILogger<CleanUp> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private const string Statements =
        """
        delete from refresh_tokens where expires_at < $1 - interval '1 day';
        delete from sessions where least(ended_at, expires_at) < $1 - interval '30 days';
        delete from password_resets where expires_at < $1 - interval '1 day';
        delete from sign_in_failures where last_at < $1 - interval '1 day'
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
            try
            {
                await Run(stoppingToken);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)   // a name that does not resolve is no NpgsqlException, and would stop the host
            {
                log.NotCleaned(failed);
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task Run(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in Statements.Split(';'))
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement) { Parameters = { new() { Value = clock.GetUtcNow() } } });
        await batch.ExecuteNonQueryAsync(ct);
        await keys.Clean(ct);
    }
}

internal static partial class CleanUpLog
{
    [LoggerMessage(5121, LogLevel.Warning, "Sessions and tokens that are over could not be deleted; the next try is in an hour")]
    public static partial void NotCleaned(this ILogger log, Exception away);
}
