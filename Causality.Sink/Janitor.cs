using Causality.Lake.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink;

/// <summary>
/// At start, and every minute: publishes what was committed and not published, removes the files of flushes that never committed,
/// pending names that nobody reads any more, and inbox rows past their time.
/// </summary>
internal sealed class Janitor(Publication publication, NpgsqlDataSource database, IOptions<SinkOptions> options, TimeProvider clock, ILogger<Janitor> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Tidy(stoppingToken);
                await Task.Delay(Period, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task Tidy(CancellationToken ct)
    {
        try
        {
            if (await publication.Complete(ct) is > 0 and var completed)
                log.Completed(completed);
            // twice the deadline: by then the flush's own deadline has rolled it back
            if (await publication.Tidy(options.Value.Deadline * 2, ct) is > 0 and var abandoned)
                log.Abandoned(abandoned);
            await using var delete = database.CreateCommand("delete from sink_inbox where message_id < $1");
            delete.Parameters.AddWithValue(FirstIdAt(clock.GetUtcNow() - options.Value.InboxRetention));
            await delete.ExecuteNonQueryAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            log.JanitorFailed(failure, Period);
        }
    }

    /// <summary>The smallest UUIDv7 of a moment.</summary>
    private static Guid FirstIdAt(DateTimeOffset moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, moment.ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
