using Causality.Contracts;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Sink.Jobs;
using Causality.Lake.Files;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Swaps;

/// <summary>What is kept, for how long, and whether ledger, files and books agree.</summary>
[TestFixture]
internal sealed class RetentionTests : OnRealServers
{
    private readonly ArmedFailPoint _failPoint = new();
    private HostInside _host = null!;
    private LakeDesk _desk = null!;

    private RetiredFiles Retired => _host.Services.GetRequiredService<RetiredFiles>();

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: services =>
        {
            services.AddSingleton<IFailPoint>(_failPoint);
            LakeDesk.ByHand(services);
        });
        _desk = new LakeDesk(_host);
        await _host.Client.SignIn();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Hours_older_than_an_app_keeps_events_are_retired_whole_and_others_stay()
    {
        await _host.AddApp("short");
        await _host.AddApp("forever");
        await World.Execute("update apps set retention_days = 30 where id = 'short'");
        var now = DateTimeOffset.UtcNow;
        var (old, edge, young) = (now.AddDays(-31), now.AddDays(-30), now.AddDays(-29));
        foreach (var at in new[] { old, edge, young })
            await _desk.Store([.. Row.Some(4, at, "short"), .. Row.Some(4, at, "forever")]);
        var expected = await World.Count($"select count(*) * 4 from lake_files where app_id = 'short' and hour < {HourOf(edge)}");

        var dry = await _desk.Run("retention", new JobOrder(DryRun: true));
        Assert.That(await World.Count("select count(*) from lake_files where retired_snapshot is not null"), Is.Zero);
        var outcome = await _desk.Run("retention");

        Assert.That(outcome.Figures["rows"], Is.EqualTo(expected).And.GreaterThanOrEqualTo(4).And.EqualTo(dry.Figures["rows"]));
        Assert.That((dry.Figures["files"], dry.Figures["bytes"]), Is.EqualTo((outcome.Figures["files"], outcome.Figures["bytes"])));
        Assert.That(await World.Count("select coalesce(sum(rows), 0) from lake_files where app_id = 'short' and retired_snapshot is null"), Is.EqualTo(12 - expected));
        Assert.That(await World.Count("select sum(rows) from lake_files where app_id = 'forever' and retired_snapshot is null"), Is.EqualTo(12));
        Assert.That(await World.Count("select sum(expired) from pipeline_outcomes where app_id = 'short'"), Is.EqualTo(expected));
        Assert.That(await World.Count("select sum(stored) from pipeline_outcomes where app_id = 'short'"), Is.EqualTo(12));
        Assert.That((await _desk.Run("retention")).Figures["rows"], Is.Zero);
        Assert.That((await _desk.Run("ledger-check", new JobOrder("short"))).Figures["differences"], Is.Zero);
    }

    [Test]
    public async Task An_older_snapshot_is_read_until_its_files_may_be_gone_and_refused_then()
    {
        var hour = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 8; i++)
            await _desk.Store(Row.Some(5, hour.AddMinutes(i), "snapshots"));
        using var before = await _desk.Read(hour, "snapshots");
        await _desk.Run("compaction", new JobOrder("snapshots"));

        using (var asOf = await _desk.Read(hour, "snapshots", before.Snapshot))
            Assert.That((asOf.Snapshot, asOf.Rows, asOf.Files), Is.EqualTo((before.Snapshot, before.Rows, before.Files)));
        using (var third = await _desk.Read(hour, "snapshots", 3))
            Assert.That((third.Rows, third.Files.Count), Is.EqualTo((15, 3)));
        Assert.That(async () => await _desk.Read(hour, "snapshots", before.Snapshot + 2), Throws.InstanceOf<RefusedException>().With.Property("Code").EqualTo("snapshot-unknown"));
        Assert.That(await Retired.Delete(TimeSpan.FromHours(1), CancellationToken.None), Is.Zero);

        // after the grace it is refused, though whoever began before still has the files
        await World.Execute("update lake_files set retired_at = retired_at - interval '61 minutes' where app_id = 'snapshots' and retired_at is not null");
        Assert.That(await Retired.Delete(TimeSpan.FromHours(1), CancellationToken.None), Is.Zero);
        Assert.That(async () => await _desk.Read(hour, "snapshots", before.Snapshot), Throws.InstanceOf<RefusedException>().With.Property("Code").EqualTo("snapshot-gone").And.Property("Status").EqualTo(410));
        Assert.That(before.Files.Select(File.Exists), Has.All.True);

        // deleted a little later; a death in between is made good by the next try
        await World.Execute("update lake_files set retired_at = retired_at - interval '10 minutes' where app_id = 'snapshots' and retired_at is not null");
        _failPoint.Arm(SwapStep.RetiredDeleted, () => throw new IOException("the test stops the janitor"));
        Assert.That(async () => await Retired.Delete(TimeSpan.FromHours(1), CancellationToken.None), Throws.InstanceOf<IOException>());
        Assert.That(await Retired.Delete(TimeSpan.FromHours(1), CancellationToken.None), Is.EqualTo(8));
        Assert.That(before.Files.Select(File.Exists), Has.None.True);
        Assert.That(await _desk.Keys(World, hour, "snapshots"), Has.Count.EqualTo(40));
        Assert.That(await World.Count("select count(*) from lake_files where app_id = 'snapshots'"), Is.EqualTo(1));
    }

    [Test]
    public async Task The_check_finds_a_file_that_is_gone_one_with_other_rows_and_books_that_differ()
    {
        var hour = new DateTimeOffset(2026, 5, 2, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 3; i++)
            await _desk.Store(Row.Some(5, hour.AddHours(i), "checked"));
        Assert.That((await _desk.Run("ledger-check", new JobOrder("checked"))).Figures["differences"], Is.Zero);

        using var gone = await _desk.Read(hour, "checked");
        File.Move(gone.Files[0], gone.Files[0] + ".away");
        await World.Execute($"update lake_files set rows = 6 where app_id = 'checked' and hour = {HourOf(hour) + 1}");
        var outcome = await _desk.Run("ledger-check", new JobOrder("checked"));

        Assert.That((outcome.Figures["files"], outcome.Figures["differences"]), Is.EqualTo((3, 3)));
        Assert.That(outcome.Summary, Does.Contain("cannot be read").And.Contain("holds 5 rows, the ledger says 6").And.Contain("books of checked have 15 events in the lake, the ledger 16"));
        File.Move(gone.Files[0] + ".away", gone.Files[0]);
        await World.Execute($"update lake_files set rows = 5 where app_id = 'checked' and hour = {HourOf(hour) + 1}");
        Assert.That((await _desk.Run("ledger-check", new JobOrder("checked"))).Figures["differences"], Is.Zero);
    }

    private static int HourOf(DateTimeOffset moment) => (int)Math.Floor(moment.ToUnixTimeSeconds() / 3600d);
}
