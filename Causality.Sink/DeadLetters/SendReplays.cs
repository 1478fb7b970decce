using System.Diagnostics.CodeAnalysis;
using Causality.Contracts;
using Causality.Contracts.Events;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>
/// Sends letters whose replay was decided: the same bytes, with the message id that was decided on. At once where it was decided, on any host within
/// seconds otherwise, until the broker has confirmed each. A second copy, of a host that died between, is known by the inbox.
/// </summary>
internal sealed class SendReplays(NpgsqlDataSource database, IBus bus, IFailPoint failPoint, TimeProvider clock, ILogger<SendReplays> log) : BackgroundService
{
    private const int AtOnce = 20;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>There is something to send.</summary>
    public void Wake() => _wake.Release();

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever the database or the broker does, it is tried again")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    while (await SendSome(stoppingToken))
                    {
                    }
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    log.ReplaysNotSent(failure, LookEvery);
                }
                await _wake.WaitAsync(LookEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // whether there may be more
    private async Task<bool> SendSome(CancellationToken ct)
    {
        var letters = new List<(Guid Id, Guid MessageId, byte[] Body, EventCounts Counts)>();
        await using (var select = database.CreateCommand($"select id, replayed_message_id, body, counts, events from dead_letters where state = 'replaying' and sent_at is null order by id limit {AtOnce}"))
        await using (var reader = await select.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
            {
                var counts = EventCounts.Parse(reader.GetString(3));
                letters.Add((reader.GetGuid(0), reader.GetGuid(1), (byte[])reader[2],
                    counts.Rows.Count == 0 ? counts : counts with { Rows = DeadLetter.Booked(counts, reader.GetInt64(4)) }));
            }
        foreach (var (id, messageId, body, counts) in letters)
        {
            await Send(new EventsAccepted(body, counts), messageId, ct);
            failPoint.At(ReplayStep.Sent);
            await using var sent = database.CreateCommand("update dead_letters set sent_at = $2 where id = $1");
            sent.Parameters.AddWithValue(id);
            sent.Parameters.AddWithValue(clock.GetUtcNow());
            await sent.ExecuteNonQueryAsync(ct);
        }
        return letters.Count == AtOnce;
    }

    // mandatory, because a broker confirms a message for which no queue is bound as well, and drops it
    private async Task Send(EventsAccepted message, Guid messageId, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        await bus.Publish(message, context =>
        {
            context.MessageId = messageId;
            context.Mandatory = true;
            context.Durable = true;
            context.Headers.Set(EventsAccepted.CountsHeader, message.Counts.ToString());
        }, deadline.Token);
    }
}
