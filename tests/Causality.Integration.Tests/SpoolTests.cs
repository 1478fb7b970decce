using System.Net;
using Causality.Http.Hosts;
using Causality.Ingest;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>The broker is stopped, blocked or gone: events are taken all the same, and are in the lake once when it is back.</summary>
[TestFixture]
internal sealed class SpoolTests
{
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(60);
    private World _world = null!;

    [SetUp]
    public async Task Open() => _world = await World.Open();

    [TearDown]
    public async Task Close()
    {
        await TestServers.RabbitMqCtl("start_app");
        await TestServers.RabbitMqCtl("set_vm_memory_high_watermark", "0.4");
        await _world.DisposeAsync();
    }

    [Test]
    public async Task While_the_broker_is_stopped_every_request_is_answered_200_and_all_arrives_once_when_it_is_back()
    {
        var host = await Start();
        await using var load = new Load(host.Client).Begin();
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(200));
        await TestServers.RabbitMqCtl("stop_app");
        await Eventually(() => Spool(host)["events"], Is.GreaterThan(500), Draining);
        await Eventually(async () => (await host.Client.Books()).InFlight, Is.GreaterThan(0));   // what is spooled is in the books, at the latest when they are next saved
        await TestServers.RabbitMqCtl("start_app");
        await load.End();
        Assert.That(load.Unknown, Is.Empty);
        await StoredOnce(host.Client, load.Accepted);
        Assert.That((Spool(host)["bytes"], Spool(host)["oldest_age_seconds"]), Is.EqualTo((0d, 0d)));
    }

    [Test]
    public async Task A_broker_that_is_short_of_memory_stops_neither_ingest_nor_sink()
    {
        var host = await Start();
        await using var load = new Load(host.Client).Begin();
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(200));
        await TestServers.RabbitMqCtl("set_vm_memory_high_watermark", "0");
        await Eventually(() => Spool(host)["events"], Is.GreaterThan(500), Draining);
        // what was confirmed before is delivered, stored and acknowledged: in flight is what is spooled, and what may have been on its way
        await Eventually(() => _world.Lake.Keys(World.App).Count, Is.GreaterThan(200), Draining);
        var then = load.Accepted.Count;
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(then + 200), Draining);
        await TestServers.RabbitMqCtl("set_vm_memory_high_watermark", "0.4");
        await load.End();
        Assert.That(load.Unknown, Is.Empty);
        await StoredOnce(host.Client, load.Accepted);
    }

    [Test]
    public async Task Kill_9_while_events_are_spooled_and_again_while_they_drain_loses_and_doubles_nothing()
    {
        var settings = ("INGEST__PUBLISHDEADLINE", "00:00:01");
        var first = await _world.Launch("all", settings);
        await using var load = new Load(first.Client).Begin();
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(200));
        await TestServers.RabbitMqCtl("stop_app");
        var then = load.Accepted.Count;
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(then + 1000), Draining);
        await first.Kill();
        await load.End();

        await TestServers.RabbitMqCtl("start_app");
        var before = _world.Lake.Files.Count;
        var second = await _world.Launch("all", settings);
        await Eventually(() => _world.Lake.Files.Count, Is.GreaterThan(before), Draining);
        await second.Kill();

        var third = await _world.Launch("all", settings);
        await third.Client.SignIn();
        await StoredOnce(third.Client, load.Accepted, load.Unknown);
    }

    [Test]
    public async Task A_full_spool_refuses_with_a_time_to_come_back_and_takes_again_when_it_has_drained()
    {
        var host = await Start(ingest => (ingest.MaxBodyBytes, ingest.Spool.MaxBytes) = (50_000, 50_000));
        await TestServers.RabbitMqCtl("stop_app");
        var accepted = new List<string>();
        while (true)
        {
            var events = Sent.Some(50, DateTimeOffset.UtcNow);
            using var answer = await host.Client.Post(events);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.That(answer.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
                break;
            }
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            accepted.AddRange(events.Select(e => e.Key));
            Assert.That(accepted, Has.Count.LessThan(10_000));
        }
        Assert.That(Spool(host)["full_bytes"], Is.EqualTo(50_000));
        Assert.That(accepted, Is.Not.Empty);
        await TestServers.RabbitMqCtl("start_app");
        var last = Sent.Some(50, DateTimeOffset.UtcNow);
        await Eventually(async () =>
        {
            using var answer = await host.Client.Post(last);
            return answer.StatusCode;
        }, Is.EqualTo(HttpStatusCode.OK), Draining);
        await StoredOnce(host.Client, [.. accepted, .. last.Select(e => e.Key)]);
    }

    [Test]
    public async Task Two_hosts_share_a_data_folder_and_one_takes_over_what_the_other_has_left()
    {
        var leaver = await _world.Launch("gateway,query", ("INGEST__PUBLISHDEADLINE", "00:00:01"));
        await TestServers.RabbitMqCtl("stop_app");
        var events = Sent.Some(20, DateTimeOffset.UtcNow);
        await leaver.Client.Accept(events);
        var stayer = await Start(ready: false);
        await leaver.Kill();
        await Eventually(() => Spool(stayer)["events"], Is.EqualTo(20));
        await TestServers.RabbitMqCtl("start_app");
        await stayer.Client.SignIn();
        await StoredOnce(stayer.Client, [.. events.Select(e => e.Key)]);
    }

    private async Task<HostInside> Start(Action<IngestOptions>? change = null, bool ready = true)
    {
        var host = await _world.Start("all", services => services.Configure<IngestOptions>(ingest =>
        {
            ingest.PublishDeadline = TimeSpan.FromSeconds(1);
            change?.Invoke(ingest);
        }), ready: ready);
        await host.Client.SignIn();
        return host;
    }

    private static IReadOnlyDictionary<string, double> Spool(HostInside host) => host.Services.GetServices<IHostStatus>().Single(status => status.Name == "spool").Figures;

    private async Task StoredOnce(EventClient client, IReadOnlyCollection<string> accepted, IReadOnlyCollection<string>? maybe = null)
    {
        await Eventually(() => _world.Lake.Keys(World.App).Keys.ToHashSet().IsSupersetOf(accepted), Is.True, Draining);
        await Eventually(client.Books, Has.Property("Balance").True, Draining);
        var stored = _world.Lake.Keys(World.App);
        Assert.That(stored.Values, Has.All.EqualTo(1));
        Assert.That(stored.Keys, Is.SubsetOf(accepted.Concat(maybe ?? [])));
        Assert.That((await client.Books()).Stored, Is.EqualTo(stored.Count));
    }
}
