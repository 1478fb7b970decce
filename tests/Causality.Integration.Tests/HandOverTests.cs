using Causality.Http.Hosts;
using Causality.Sink;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>One loop hands messages to the sink, which holds many, in buffers that are used again.</summary>
[TestFixture]
internal sealed class HandOverTests : OnRealServers
{
    private const int Prefetch = 40;

    [Test]
    public async Task A_sink_that_waits_holds_as_many_messages_as_its_prefetch_and_stores_each_as_it_was_sent()
    {
        var host = await World.Start(also: services => services.Configure<SinkOptions>(sink => sink.Prefetch = Prefetch));
        var sent = new List<Sent>();
        for (var round = 1; round <= 3; round++)
        {
            await using (var connection = await World.Database.OpenConnectionAsync())
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await using var block = new NpgsqlCommand("lock table sink_inbox in access exclusive mode", connection, transaction);
                await block.ExecuteNonQueryAsync();
                // of many lengths, so that buffers of all sizes are used again by others
                foreach (var one in Sent.Some(2 * Prefetch, DateTimeOffset.UtcNow).Select((one, i) => one with { UserId = $"{round} {one.Key} {new string('x', i * 40)}" }))
                {
                    sent.Add(one);
                    await host.Client.Accept([one]);
                }
                await Eventually(() => Held(host), Is.EqualTo(Prefetch));
            }
            await Eventually(() => World.Lake.Keys(World.App).Count, Is.EqualTo(sent.Count));
        }
        Assert.That(World.Lake.Query($"SELECT idempotency_key, user_id FROM {World.Lake.Events}").Select(row => ((string)row[0]!, (string)row[1]!)), Is.EquivalentTo(sent.Select(one => (one.Key, one.UserId!))));
        await Eventually(() => Held(host), Is.Zero);
    }

    private static double Held(HostInside host) => host.Services.GetServices<IHostStatus>().Single(status => status.Name == "sink").Figures["messages_held"];
}
