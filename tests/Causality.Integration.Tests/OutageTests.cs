using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Causality.Host;
using Causality.Http.Hosts;
using Causality.Ingest;
using Causality.Sink;
using Causality.Testing;
using MassTransit;
using MassTransit.Monitoring;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>PostgreSQL or RabbitMQ is away or in trouble: what was accepted waits, what cannot be kept is refused.</summary>
[TestFixture]
internal sealed class OutageTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: services =>
        {
            services.Configure<SinkOptions>(sink => sink.Deadline = TimeSpan.FromSeconds(1));
            services.Configure<IngestOptions>(ingest => ingest.PublishDeadline = TimeSpan.FromSeconds(2));
        });
        await _host.Client.SignIn();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task While_the_database_keeps_a_flush_waiting_its_messages_wait_too_and_ready_says_why()
    {
        var events = Sent.Some(20, DateTimeOffset.UtcNow);
        await using (var connection = await World.Database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var block = new NpgsqlCommand("lock table lake_files in access exclusive mode", connection, transaction);
            await block.ExecuteNonQueryAsync();
            await _host.Client.Accept(events);
            await Eventually(Ready, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            using var answer = await _host.Client.Http.GetAsync("/ready");
            var why = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("checks");
            Assert.That(why.GetProperty("sink").GetString(), Does.StartWith("the last flush failed"));
            Assert.That(why.GetProperty("broker").GetString(), Is.EqualTo("ok"));
            Assert.That(World.Lake.Keys(World.App).Keys, Has.None.AnyOf(events.Select(e => e.Key)));
        }
        await Stored([.. events.Select(e => e.Key)]);
        await Eventually(Ready, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Sessions_that_the_database_ends_in_mid_flush_lose_and_double_nothing()
    {
        await using var load = new Load(_host.Client).Begin();
        for (var (round, killed) = (0, 0L); round < 500 && killed < 8; round++)
            killed += await World.Count("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null");
        await load.End();
        Assert.That(load.Accepted, Is.Not.Empty);
        NpgsqlConnection.ClearAllPools();   // of this test's own too
        await Stored(load.Accepted);
    }

    [Test]
    public async Task Connections_that_the_broker_closes_come_back_and_nothing_accepted_is_lost()
    {
        await using var load = new Load(_host.Client).Begin();
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(200));
        await TestServers.RabbitMqCtl("close_all_connections", "--vhost", World.VirtualHost, "test");
        var then = load.Accepted.Count;
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(then + 500), TimeSpan.FromSeconds(40));
        await load.End();
        await Stored(load.Accepted);
        await Eventually(Ready, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Without_a_queue_an_event_waits_on_disk_and_the_gateway_makes_the_queue_again()
    {
        await using var world = await World.Open();
        var gateway = await world.Start("gateway,query", services => services.Configure<IngestOptions>(ingest => ingest.PublishDeadline = TimeSpan.FromSeconds(2)));
        await gateway.Client.Accept(Sent.Some(1, DateTimeOffset.UtcNow));
        await using var broker = await RawBroker.Open(world);
        await broker.Channel.QueueDeleteAsync("causality.sink", ifUnused: false, ifEmpty: false);

        var events = Sent.Some(3, DateTimeOffset.UtcNow);
        await gateway.Client.Accept(events);
        Assert.That(await Spooled(gateway), Is.EqualTo(3));
        await Eventually(() => Spool(gateway)["events"], Is.Zero, TimeSpan.FromSeconds(40));
        // no sink has run yet: the gateway itself has declared what it publishes to
        await world.Start("sink");
        await Eventually(() => world.Lake.Keys(World.App).Keys, Is.SupersetOf(events.Select(e => e.Key)));
    }

    [Test]
    public async Task A_host_that_starts_while_the_broker_is_away_says_so_and_takes_events()
    {
        await using var world = await World.Open();
        await TestServers.RabbitMqCtl("delete_vhost", world.VirtualHost);
        var host = await world.Start("all", services => services.Configure<IngestOptions>(ingest => ingest.PublishDeadline = TimeSpan.FromSeconds(1)), ready: false);
        Assert.That(await host.Client.Status("/health"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await host.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        await host.Client.Accept(Sent.Some(10, DateTimeOffset.UtcNow));

        // once it has been waited for, a host that takes events by its spool is ready to be sent some, and says what it lacks; one that could only consume is not
        await Eventually(() => host.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await host.Client.Get("/ready")).GetProperty("warning").GetString(), Does.StartWith("broker: RabbitMQ is away"));
        var sink = await world.Start("sink", ready: false);
        var query = await world.Start("query", ready: false);
        await Eventually(() => query.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await sink.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        await TestServers.AddVirtualHost(world.VirtualHost);

        await Eventually(host.Client.LacksNothing, Is.True, TimeSpan.FromSeconds(60));
        await Eventually(sink.Client.LacksNothing, Is.True, TimeSpan.FromSeconds(60));
        await Eventually(() => world.Lake.Keys(World.App).Values, Is.EqualTo(Enumerable.Repeat(1L, 10)), TimeSpan.FromSeconds(40));
    }

    [Test]
    public async Task A_bus_that_is_started_again_while_it_waits_to_connect_consumes_when_the_broker_is_back()
    {
        await using var world = await World.Open();
        var host = await world.Start("all", services => services.Configure<IngestOptions>(ingest => ingest.PublishDeadline = TimeSpan.FromSeconds(1)));
        await TestServers.RabbitMqCtl("delete_vhost", world.VirtualHost);
        var bus = host.Services.GetServices<IBusInstance>().Single(instance => instance.InstanceType == typeof(IConsumingBus)).BusControl;
        await Eventually(() => bus.CheckHealth().Endpoints.Count(endpoint => endpoint.Value.Status == BusHealthStatus.Unhealthy), Is.EqualTo(2));
        var events = Sent.Some(3, DateTimeOffset.UtcNow);
        await host.Client.Accept(events);

        // a first start gives up before the broker is back
        var started = host.Services.GetRequiredService<ConsumerWatch>().Restart(TimeSpan.FromSeconds(6), CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(7));
        await TestServers.AddVirtualHost(world.VirtualHost);
        await started;
        await Eventually(() => world.Lake.Keys(World.App).Keys, Is.EquivalentTo(events.Select(e => e.Key)), TimeSpan.FromSeconds(40));
    }

    [Test]
    public async Task Without_a_broker_a_host_whose_spool_takes_nothing_is_not_ready()
    {
        await using var world = await World.Open();
        var host = await world.Start("all", services => services.Configure<IngestOptions>(ingest => ingest.Spool.MinFreeBytes = long.MaxValue / 2));
        await TestServers.RabbitMqCtl("delete_vhost", world.VirtualHost);
        await Eventually(() => host.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable), TimeSpan.FromSeconds(40));
        await TestServers.AddVirtualHost(world.VirtualHost);
        await Eventually(host.Client.LacksNothing, Is.True, TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task An_exchange_that_was_deleted_never_makes_an_event_vanish()
    {
        await using var world = await World.Open();
        var host = await world.Start("all", services => services.Configure<IngestOptions>(ingest => ingest.PublishDeadline = TimeSpan.FromSeconds(2)));
        await using var load = new Load(host.Client, senders: 2).Begin();
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(100));
        await using (var broker = await RawBroker.Open(world))
            await broker.Channel.ExchangeDeleteAsync("causality.events");
        // what was spooled, not what is in the spool: that may be drained sooner than anyone looks
        await Eventually(() => Spooled(host), Is.GreaterThan(0));
        var then = load.Accepted.Count;
        await Eventually(() => load.Accepted.Count, Is.GreaterThan(then + 100), TimeSpan.FromSeconds(40));
        await load.End();
        await Eventually(() => world.Lake.Keys(World.App).Keys.ToHashSet().IsSupersetOf(load.Accepted), Is.True, TimeSpan.FromSeconds(40));
        Assert.That(world.Lake.Keys(World.App).Values, Has.All.EqualTo(1));
    }

    private static IReadOnlyDictionary<string, double> Spool(HostInside host) => host.Services.GetServices<IHostStatus>().Single(status => status.Name == "spool").Figures;

    /// <summary>Events that this host has ever made durable on disk.</summary>
    private static async Task<long> Spooled(HostInside host) =>
        long.Parse(Regex.Match(await host.Client.Http.GetStringAsync("/metrics"), @"(?m)^causality_ingest_spool_events_total\S* (\d+)").Groups[1].Value is { Length: > 0 } events ? events : "0", CultureInfo.InvariantCulture);

    private Task<HttpStatusCode> Ready() => _host.Client.Status("/ready");

    private async Task Stored(IReadOnlyCollection<string> keys)
    {
        // a flush whose publication the outage cut off is named by the janitor, which comes by each minute
        var publication = _host.Services.GetRequiredService<Lake.Ledger.Publication>();
        await Eventually(async () =>
        {
            try
            {
                await publication.Complete(CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                return false;   // a session of the host's pool that the outage ended: the janitor too comes again
            }
            return World.Lake.Keys(World.App).Keys.ToHashSet().IsSupersetOf(keys);
        }, Is.True, TimeSpan.FromSeconds(40));
        await Eventually(_host.Client.Books, Has.Property("Balance").True, TimeSpan.FromSeconds(40));
        await publication.Complete(CancellationToken.None);
        var stored = World.Lake.Keys(World.App);
        Assert.That(stored.Values, Has.All.EqualTo(1));
        Assert.That((await _host.Client.Books()).Stored, Is.EqualTo(stored.Count));
    }
}
