using System.Diagnostics;
using System.Globalization;
using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Product;
using Causality.EventStore;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Causality.Benchmarks;

/// <summary>
/// <c>bench store</c>: how many appends a second, each one fact and one message of the outbox in one transaction, beside pgbench with the
/// same statements on the same server; and how many facts a second a projection applies that writes a row for each.
/// </summary>
internal sealed class StoreBench(BenchSettings settings, Figures figures)
{
    private const int StreamsOfWriter = 100;
    private const int Turns = 3;

    public async Task Run(CancellationToken ct)
    {
        foreach (var writers in new[] { 1, 32 })
            await Append(writers, ct);
        await Project(ct);
    }

    // The two take turns on databases of their own, so that what else the machine does falls on both.
    private async Task Append(int writers, CancellationToken ct)
    {
        figures.Step($"Append with one message of the outbox, {writers} at once");
        await using var bare = await StoreDatabase.Create(settings, ct);
        await using var ours = await StoreDatabase.Create(settings, ct);
        await bare.Scalar($"insert into streams (id, type, version, tenant, created_at) select 'bench/' || w || '-' || s, 'bench', 1, 'org', now() from generate_series(0, {writers - 1}) w, generate_series(1, {StreamsOfWriter}) s", ct);
        // the bus gives messages their envelope; it is not started, and nothing is delivered
        await using var services = new ServiceCollection().AddLogging().AddSingleton(ours.Source).AddEventStore().AddFacts(f => f.Add<Measured>("measured"))
            .AddMassTransit(bus => bus.UsingInMemory()).BuildServiceProvider();
        var all = Enumerable.Range(0, writers).Select(w => new Writer(services.GetRequiredService<IEventStore>(), w)).ToList();
        foreach (var writer in all)
            await writer.Open(ct);

        var script = Script((string)(await ours.Scalar("select body from outbox limit 1", ct))!);
        var (k4, product) = (new List<double>(), new List<double>());
        var time = TimeSpan.FromSeconds(settings.Quick ? 2 : 8);
        for (var turn = -1; turn < Turns; turn++)
        {
            var bareRate = await PgBench.Measure(bare.Address, script, writers, time, settings, ct);
            var start = Stopwatch.GetTimestamp();
            var appended = (await Task.WhenAll(all.Select(w => Task.Run(() => w.Append(time, ct), ct)))).Sum();
            var rate = appended / Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (turn < 0)
                continue;                                                  // both have prepared by now
            k4.Add(bareRate);
            product.Add(rate);
        }
        figures.Add(new Figure($"K4 pgbench, {writers} at once", k4.Average(), "appends/s"));
        figures.AtLeast($"append with outbox, {writers} at once", product.Average(), "appends/s", k4.Average(), 0.6);
    }

    // Facts that are there before the projection is: it catches up with all of them, as on a rebuild.
    private async Task Project(CancellationToken ct)
    {
        const int Streams = 5_000;
        var facts = settings.Quick ? 50_000 : 400_000;
        figures.Step(string.Create(CultureInfo.InvariantCulture, $"A projection over {facts:N0} facts of {Streams:N0} streams"));
        await using var database = await StoreDatabase.Create(settings, ct);
        await database.Scalar("create table bench_list (stream text primary key, name text not null, total bigint not null, changed_at timestamptz not null)", ct);
        await database.Scalar(
            $$"""
            insert into facts (sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, address)
            select nextval('facts_sequence'), lpad(to_hex(n), 32, '0')::uuid, 'bench/' || n % {{Streams}}, n / {{Streams}} + 1, 'measured', 1,
                   '{{Fact}}', now(), 'bench', 'bench@example.com', 'org', 'correlation', 'causation', '127.0.0.1'
            from generate_series(0, {{facts - 1}}) n
            """, ct);
        await database.Scalar("vacuum analyze facts", ct);
        var application = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        application.Services.AddSingleton(database.Source).AddEventStore().AddFacts(f => f.Add<Measured>("measured")).AddProjection<List>().AddProjectionDaemon();
        using var host = application.Build();

        var start = Stopwatch.GetTimestamp();
        await host.StartAsync(ct);
        await host.Services.GetRequiredService<IProjections>().WaitFor("bench-list/1", ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await host.StopAsync(ct);

        if (await database.Scalar("select sum(total) from bench_list", ct) is not decimal total || total != 42m * facts)
            throw new InvalidDataException("The projection's rows are not the sum of the facts.");
        figures.AtLeast("projection, a row for each fact", facts / seconds, "facts/s", 20_000);
    }

    private sealed class List : IProjection
    {
        public string Name => "bench-list/1";

        public Rows Apply(Recorded recorded, Rows rows) => recorded.Fact switch
        {
            Measured e => rows.Add(
                "insert into bench_list as l (stream, name, total, changed_at) values ($1, $2, $3, $4) on conflict (stream) do update set name = excluded.name, total = l.total + excluded.total, changed_at = excluded.changed_at",
                recorded.Stream.ToString(), e.Name, e.Value, recorded.At),
            _ => rows,
        };
    }

    private const string Fact = """{"id":"00000000-0000-0000-0000-000000000000","name":"a name that people read","kind":"kind","value":42,"tags":["one","two","three"]}""";

    public sealed record Measured(Guid Id, string Name, string Kind, int Value, string[] Tags);

    /// <summary>Appends to streams of its own, whose versions it knows.</summary>
    private sealed class Writer(IEventStore store, int number)
    {
        private static readonly FactOrigin Origin = new("bench", "bench@example.com", "org", "correlation", "causation", "127.0.0.1");
        private readonly long[] _versions = new long[StreamsOfWriter];

        public async Task Open(CancellationToken ct)
        {
            for (var stream = 0; stream < StreamsOfWriter; stream++)
                await Append(stream, ct);
        }

        public async Task<long> Append(TimeSpan time, CancellationToken ct)
        {
            var appended = 0L;
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; appended++)
                await Append(Random.Shared.Next(StreamsOfWriter), ct);
            return appended;
        }

        private async Task Append(int stream, CancellationToken ct)
        {
            var measured = new Measured(Guid.Empty, "a name that people read", "kind", 42, ["one", "two", "three"]);
            await store.Begin(Origin).Append(new StreamId("bench", $"{number}-{stream + 1}"), _versions[stream], measured).Publish(measured).Commit(ct);
            _versions[stream]++;
        }
    }

    // the statements of an append; the message is one that the product has written, without colons, which are pgbench's
    private static string Script(string message) =>
        $$"""
        \set stream random(1, {{StreamsOfWriter}})
        begin;
        select facts_take(1) as number \gset
        update streams set version = version + 1 where id = 'bench/' || :client_id || '-' || :stream returning version \gset
        insert into facts (sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address) values (:number, lpad(to_hex(:number::bigint), 32, '0')::uuid, 'bench/' || :client_id || '-' || :stream, :version, 'measured', 1, '{{Fact}}', now(), 'bench', 'bench@example.com', 'org', 'correlation', 'causation', null, '127.0.0.1');
        insert into outbox (partition, lane, message_id, destination, message_types, body, created_at) values (:stream % 16, 'bench/' || :client_id || '-' || :stream, lpad(to_hex(:number::bigint), 32, '0')::uuid, 'exchange-measured', 'urn-message-measured-of-some-length', '{{message.ReplaceLineEndings(" ").Replace("'", "''", StringComparison.Ordinal).Replace(":", "\\u003a", StringComparison.Ordinal)}}', now());
        commit;
        """;
}
