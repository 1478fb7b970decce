using Causality.Contracts;
using Causality.Lake.Compaction;
using Causality.Lake.Ledger;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Swaps;

/// <summary>Small files of an hour become one: the same rows, once, whatever dies on the way and whoever reads meanwhile.</summary>
[TestFixture]
internal sealed class CompactionTests : OnRealServers
{
    private static readonly DateTimeOffset First = new(2026, 3, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly ArmedFailPoint _failPoint = new();
    private HostInside _host = null!;
    private LakeDesk _desk = null!;
    private int _hours;

    private static SwapStep[] Steps => [.. Enum.GetValues<SwapStep>().Except([SwapStep.RetiredDeleted])];

    /// <summary>An hour that no other test stores into.</summary>
    private DateTimeOffset Fresh => First.AddHours(Interlocked.Increment(ref _hours));

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
    public async Task Small_files_of_an_hour_become_one_that_is_sorted_and_has_the_same_rows()
    {
        var hour = Fresh;
        var rows = await Fill(hour, 12);
        var before = await _desk.Read(hour);

        var outcome = await _desk.Run("compaction");

        var after = await _desk.Read(hour);
        Assert.That((before.Files.Count, after.Files.Count), Is.EqualTo((12, 1)));
        Assert.That((after.Rows, after.Snapshot), Is.EqualTo((before.Rows, before.Snapshot + 1)));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(rows.ToDictionary(r => r.Key, _ => 1L)));
        var order = World.Lake.Query($"SELECT event_type, timestamp_ms FROM {LakeDesk.Source(after)}").Select(r => ((string)r[0]!, (long)r[1]!)).ToList();
        Assert.That(order, Is.EqualTo(order.OrderBy(r => r.Item1, StringComparer.Ordinal).ThenBy(r => r.Item2)));
        Assert.That((outcome.Figures["files"], outcome.Figures["files_written"], outcome.Figures["rows"]), Is.EqualTo((12, 1, rows.Count)));
        // who has the older list reads on
        Assert.That(before.Files.Select(File.Exists), Has.All.True);
        Assert.That((await _desk.Run("compaction")).Figures["files"], Is.Zero);
    }

    [TestCaseSource(nameof(Steps))]
    public async Task A_compaction_that_dies_and_is_run_again_keeps_every_row_once(SwapStep step)
    {
        var hour = Fresh;
        var expected = (await Fill(hour, 10)).ToDictionary(r => r.Key, _ => 1L);
        var pending = World.Lake.PendingFolders.Count;
        Dictionary<string, long> then = [];
        _failPoint.Arm(step, () =>
        {
            then = _desk.Keys(World, hour).GetAwaiter().GetResult();
            throw new IOException($"the test stops the swap at {step}");
        });

        Assert.That(async () => await _desk.Run("compaction"), Throws.InvalidOperationException.With.InnerException.InstanceOf<IOException>());
        var between = await _desk.Keys(World, hour);
        // what was not swapped leaves nothing behind
        Assert.That(World.Lake.PendingFolders, Has.Count.EqualTo(step < SwapStep.Swapped ? pending : pending + 1));
        await _desk.Run("compaction");
        await _host.Services.GetRequiredService<Publication>().Complete(CancellationToken.None);

        Assert.That(_failPoint.Failed, Is.True);
        Assert.That(then, Is.EquivalentTo(expected));
        Assert.That(between, Is.EquivalentTo(expected));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(expected));
        using var after = await _desk.Read(hour);
        Assert.That(after.Files.Single(), Does.EndWith(".parquet"));
        Assert.That(await World.Count("select count(*) from lake_flushes where state in ('open', 'committed')"), Is.Zero);
    }

    [Test]
    public async Task What_a_killed_swap_left_is_removed_after_its_deadline_and_it_can_commit_no_more()
    {
        var hour = Fresh;
        var expected = (await Fill(hour, 10)).ToDictionary(r => r.Key, _ => 1L);
        var publication = _host.Services.GetRequiredService<Publication>();
        _failPoint.Arm(SwapStep.Sealed, () =>
        {
            // alive, so the janitor leaves it alone; late, and it is given up
            var pending = World.Lake.PendingFolders.Count;
            publication.Tidy(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult();
            Assert.That(World.Lake.PendingFolders, Has.Count.EqualTo(pending));
            World.Execute("update lake_flushes set at = now() - interval '61 minutes' where state = 'open'").GetAwaiter().GetResult();
            publication.Tidy(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult();
            Assert.That(World.Lake.PendingFolders, Has.Count.EqualTo(pending - 1));
        });

        Assert.That((await _desk.Run("compaction")).Figures["files"], Is.Zero);
        Assert.That(_failPoint.Failed, Is.True);
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(expected));

        await _desk.Run("compaction");
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(expected));
        Assert.That(await Live(hour), Is.EqualTo(1));
    }

    [Test]
    public async Task Two_compactors_at_once_end_in_one_file_with_every_row_once()
    {
        var hour = Fresh;
        var expected = (await Fill(hour, 20)).ToDictionary(r => r.Key, _ => 1L);
        // one waits with its output until the other is done
        _failPoint.Arm(SwapStep.Sealed, () => _desk.Run("compaction").GetAwaiter().GetResult());

        var slower = await _desk.Run("compaction");

        Assert.That(slower.Figures["files"], Is.Zero);
        Assert.That(await Live(hour), Is.EqualTo(1));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(expected));

        var another = Fresh;
        expected = (await Fill(another, 20)).ToDictionary(r => r.Key, _ => 1L);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _desk.Run("compaction"))));
        Assert.That(await Live(another), Is.EqualTo(1));
        Assert.That(await _desk.Keys(World, another), Is.EquivalentTo(expected));
    }

    [Test]
    public async Task A_key_that_was_stored_twice_after_its_window_stays_once_as_first_received_and_the_books_say_duplicate()
    {
        var hour = Fresh;
        var rows = await Fill(hour, 9);
        var books = await _host.Client.Books();
        await World.Execute("truncate event_keys");   // the window has passed
        var late = rows[3] with { Payload = """{"n":2}""", ReceivedAt = hour.AddHours(5) };
        Assert.That((await _desk.Store(late, rows[4] with { ReceivedAt = hour.AddHours(5) })).Stored, Is.EqualTo(2));
        Assert.That((await _desk.Keys(World, hour))[late.Key], Is.EqualTo(2));

        var outcome = await _desk.Run("compaction");

        Assert.That(outcome.Figures["duplicates"], Is.EqualTo(2));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(rows.ToDictionary(r => r.Key, _ => 1L)));
        using var after = await _desk.Read(hour);
        Assert.That(World.Lake.Query($"SELECT payload_json FROM {LakeDesk.Source(after)} WHERE idempotency_key = '{late.Key}'").Single()[0], Is.EqualTo("""{"n":1}"""));
        var now = await _host.Client.Books();
        Assert.That((now.Accepted - books.Accepted, now.Stored - books.Stored, now.Duplicates - books.Duplicates, now.Balance), Is.EqualTo((2, 0, 2, true)));
        Assert.That(await World.Count($"select stored from pipeline_outcomes where app_id = '{World.App}' and hour = {HourOf(hour.AddHours(5))}"), Is.Zero);
    }

    [Test]
    public async Task When_only_some_files_are_merged_keys_of_the_others_are_not_stored_again()
    {
        var hour = Fresh;
        var rows = await Fill(hour, 3);
        await World.Execute("truncate event_keys");
        await _desk.Store(rows[0], rows[25]);
        var merge = _host.Services.GetRequiredService<PartitionMerge>();
        var partition = await merge.Files(World.App, HourOf(hour), CancellationToken.None);
        var small = partition.OrderBy(f => f.File.Rows).Take(2).ToList();   // the copies, and one of the three
        var removed = 0L;

        var merged = await merge.Run(World.App, partition, small, [], (_, byHour, _) => { removed = byHour.Values.Sum(); return Task.CompletedTask; }, CancellationToken.None);

        Assert.That(merged!.Removed, Is.EqualTo(removed).And.EqualTo(2));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(rows.ToDictionary(r => r.Key, _ => 1L)));
        Assert.That(await Live(hour), Is.EqualTo(3));
        await World.Execute($"update pipeline_outcomes set stored = stored - 2, duplicates = duplicates + 2 where app_id = '{World.App}' and hour = {HourOf(hour)}");
    }

    [Test]
    public async Task While_files_come_and_are_merged_a_reader_sees_every_stored_row_once()
    {
        var hour = Fresh;
        var expected = (await Fill(hour, 10)).ToDictionary(r => r.Key, _ => 1L);
        using var stop = new CancellationTokenSource();
        var seen = new List<long>();
        var reader = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var keys = await _desk.Keys(World, hour);
                Assert.That(keys.Values, Has.All.EqualTo(1));
                Assert.That(expected.Keys.Where(k => !keys.ContainsKey(k)), Is.Empty);
                seen.Add(keys.Count);
            }
        });
        var sink = Task.Run(async () =>
        {
            for (var i = 0; i < 30; i++)
                await _desk.Store(Row.Some(5, hour.AddMinutes(30)));
        });
        while (!sink.IsCompleted)
            await _desk.Run("compaction", new JobOrder(World.App, hour, hour.AddHours(1)));
        await sink;
        await stop.CancelAsync();
        await reader;

        Assert.That(seen, Is.Ordered);
        Assert.That(await _desk.Keys(World, hour), Has.Count.EqualTo(expected.Count + 150));
        await _desk.Run("compaction", new JobOrder(World.App, hour, hour.AddHours(1)));
        Assert.That(await Live(hour), Is.EqualTo(1));
    }

    [Test]
    public async Task A_day_of_flushes_becomes_ten_times_fewer_files_and_the_books_stay_as_they_are()
    {
        var day = First.AddDays(40);
        var apps = new[] { World.App, "blog", "game" };
        for (var minute = 0; minute < 4 * 60; minute += 5)
            await _desk.Store([.. apps.SelectMany(app => Row.Some(3, day.AddMinutes(minute), app)), .. Row.Some(1, day.AddMinutes(minute - 60))]);
        var between = $"hour between {HourOf(day) - 1} and {HourOf(day) + 4}";
        var (files, rows) = (await World.Count($"select count(*) from lake_files where retired_snapshot is null and {between}"), await World.Count($"select sum(rows) from lake_files where retired_snapshot is null and {between}"));
        var books = await _host.Client.Books();

        var dry = await _desk.Run("compaction", new JobOrder(From: day.AddHours(-1), To: day.AddHours(4), DryRun: true));
        Assert.That(await World.Count($"select count(*) from lake_files where retired_snapshot is null and {between}"), Is.EqualTo(files));
        var outcome = await _desk.Run("compaction", new JobOrder(From: day.AddHours(-1), To: day.AddHours(4)));

        Assert.That((outcome.Figures["files"], outcome.Figures["rows"]), Is.EqualTo((dry.Figures["files"], dry.Figures["rows"])));
        Assert.That(await World.Count($"select count(*) from lake_files where retired_snapshot is null and {between}"), Is.LessThanOrEqualTo(files / 10));
        Assert.That(await World.Count($"select sum(rows) from lake_files where retired_snapshot is null and {between}"), Is.EqualTo(rows));
        Assert.That(await _host.Client.Books(), Is.EqualTo(books));
    }

    [Test]
    public async Task A_large_file_is_not_written_again_for_one_small_file_that_came_late()
    {
        var hour = Fresh;
        await _desk.Store(Row.Some(3_000, hour));
        await _desk.Store(Row.Some(1, hour));
        var before = (await _desk.Read(hour)).Files;

        await _desk.Run("compaction");
        Assert.That((await _desk.Read(hour)).Files, Is.EqualTo(before));

        await _desk.Run("compaction", new JobOrder(World.App, hour, hour.AddHours(1)));
        Assert.That(await Live(hour), Is.EqualTo(1));
    }

    [Test]
    public async Task A_ledger_that_does_not_fit_its_files_is_said_and_the_files_stay()
    {
        var hour = Fresh;
        await Fill(hour, 8);
        var path = (string)(await World.Scalar($"update lake_files set rows = rows + 1 where path = (select min(path) from lake_files where hour = {HourOf(hour)} and retired_snapshot is null) returning path"))!;

        Assert.That(async () => await _desk.Run("compaction"), Throws.InvalidOperationException.With.Message.Contains("could not be compacted").And.Message.Contains("rows"));

        Assert.That(await Live(hour), Is.EqualTo(8));
        await World.Execute($"update lake_files set rows = rows - 1 where path = '{path}'");
        await _desk.Run("compaction");
        Assert.That(await Live(hour), Is.EqualTo(1));
    }

    private async Task<List<Row>> Fill(DateTimeOffset hour, int files)
    {
        var rows = new List<Row>();
        for (var i = 0; i < files; i++)
        {
            var some = Row.Some(20, hour.AddMinutes(files - i));
            await _desk.Store(some);
            rows.AddRange(some);
        }
        return rows;
    }

    private Task<long> Live(DateTimeOffset hour) => World.Count($"select count(*) from lake_files where app_id = '{World.App}' and hour = {HourOf(hour)} and retired_snapshot is null");

    private static int HourOf(DateTimeOffset moment) => (int)(moment.ToUnixTimeSeconds() / 3600);
}
