using Causality.Contracts;
using Causality.Integration.Tests.Swaps;
using Causality.Lake.Ledger;
using Causality.Sink;
using Causality.Sink.Flushing;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>A flush dies between any two of its steps, and is run again.</summary>
[TestFixture(Storage.Local)]
[TestFixture(Storage.S3)]
internal sealed class FlushTests(Storage storage) : OnRealServers(storage)
{
    private static readonly DateTimeOffset At = new(2026, 3, 5, 14, 20, 0, TimeSpan.Zero);

    private readonly ArmedFailPoint _failPoint = new();
    private HostInside _host = null!;

    private static FlushStep[] Steps => Enum.GetValues<FlushStep>();

    private Publication Publication => _host.Services.GetRequiredService<Publication>();

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start(also: services =>
    {
        services.AddSingleton<IFailPoint>(_failPoint);
        // the tests tidy up themselves
        services.Remove(services.Single(s => s.ImplementationType == typeof(Janitor)));
    });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCaseSource(nameof(Steps))]
    public async Task A_flush_that_fails_and_is_run_again_stores_each_event_once(FlushStep step)
    {
        var events = Sent.Some(30, At);
        var (files, rows) = (World.Lake.Files.Count, await Rows());
        var (filesThen, rowsThen) = (-1, -1L);
        _failPoint.Arm(step, () =>
        {
            // seen from another session, at the moment of the failure
            (filesThen, rowsThen) = (World.Lake.Files.Count, Rows().GetAwaiter().GetResult());
            throw new IOException($"the test stops the flush at {step}");
        });

        await _host.Client.Accept(events);
        await Eventually(() => World.Count("select coalesce(sum(rows), 0) from lake_files"), Is.EqualTo(rows + 30));
        await _host.Client.SignIn();
        await Eventually(async () => (await _host.Client.Books()).Balance, Is.True);
        await Publication.Complete(CancellationToken.None);

        var stored = World.Lake.Keys(World.App);
        Assert.That(_failPoint.Failed, Is.True);
        Assert.That(events.Select(e => stored.GetValueOrDefault(e.Key)), Has.All.EqualTo(1));
        Assert.That(stored.Values.Sum(), Is.EqualTo(rows + 30));
        Assert.That(rowsThen, Is.EqualTo(step < FlushStep.Committed ? rows : rows + 30));
        Assert.That(filesThen, Is.EqualTo(step < FlushStep.Published ? files : files + 1));
    }

    [Test]
    public async Task What_a_dead_flush_left_is_removed_and_what_is_published_stays()
    {
        _failPoint.Arm(FlushStep.FilesSealed, () => throw new IOException("the test stops the flush"));
        var events = Sent.Some(5, At);
        await _host.Client.Accept(events);
        await Eventually(() => World.Lake.Keys(World.App).Keys, Is.SupersetOf(events.Select(e => e.Key)));
        var before = World.Lake.PendingFolders.Count;

        Assert.That(await Publication.Tidy(TimeSpan.Zero, CancellationToken.None), Is.GreaterThanOrEqualTo(1));

        // of the flush that died nothing is left; a committed one keeps its first names until no reader can hold them
        var committed = await World.Count("select count(*) from lake_flushes where state = 'published'");
        Assert.That(World.Lake.PendingFolders, Has.Count.LessThan(before).And.Count.EqualTo(committed));
        Assert.That(World.Lake.Keys(World.App).Keys, Is.SupersetOf(events.Select(e => e.Key)));

        await World.Execute("update lake_flushes set at = now() - interval '11 minutes' where state = 'published'");
        Assert.That(await Publication.Tidy(TimeSpan.Zero, CancellationToken.None), Is.Zero);
        Assert.That(World.Lake.PendingFolders, Is.Empty);
        Assert.That(World.Lake.Keys(World.App).Keys, Is.SupersetOf(events.Select(e => e.Key)));
    }

    [Test]
    public async Task A_flush_that_was_given_up_while_it_slept_rolls_back_and_is_stored_by_the_next()
    {
        var abandoned = 0;
        _failPoint.Arm(FlushStep.FilesSealed, () => abandoned = Publication.Tidy(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult());
        var events = Sent.Some(5, At);

        await _host.Client.Accept(events);
        await Eventually(() => World.Lake.Keys(World.App).Keys, Is.SupersetOf(events.Select(e => e.Key)));

        Assert.That(abandoned, Is.GreaterThanOrEqualTo(1));
        Assert.That(World.Lake.Keys(World.App).Values, Has.All.EqualTo(1));
        Assert.That(await World.Count("select count(*) from lake_flushes where state = 'abandoned'"), Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task Files_that_are_committed_and_not_yet_named_are_read()
    {
        _failPoint.Arm(FlushStep.Committed, () => throw new IOException("the test stops the flush"));
        var reader = _host.Services.GetRequiredService<LakeReader>();
        var hour = At.AddDays(-30);
        await _host.Client.Accept(Sent.Some(7, hour));

        var snapshot = await Eventually(() => reader.Read(World.App, hour.AddHours(-1), hour.AddHours(1), CancellationToken.None), Has.Property("Rows").EqualTo(7));

        Assert.That(snapshot.Files.Single(), Does.Contain("_pending").And.EndsWith(".pending"));
        Assert.That(File.Exists(snapshot.Files.Single()), Is.True);
        Assert.That(await Publication.Complete(CancellationToken.None), Is.EqualTo(1));
        var published = await reader.Read(World.App, hour.AddHours(-1), hour.AddHours(1), CancellationToken.None);
        Assert.That(published.Files.Single(), Does.EndWith(".parquet"));
        Assert.That((published.Snapshot, published.Rows), Is.EqualTo((snapshot.Snapshot, snapshot.Rows)));
    }

    private Task<long> Rows() => World.Count("select coalesce(sum(rows), 0) from lake_files");

    /// <summary>Does once, at one step, what it was told.</summary>
}
