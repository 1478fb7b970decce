using Causality.Ingest.Spooling;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Spooling;

[TestFixture]
internal sealed class SpoolDrainTests
{
    private SpoolWorld _world = null!;
    private FakeBroker _broker = null!;

    [SetUp]
    public void Open() => (_world, _broker) = (new SpoolWorld(), new FakeBroker());

    [TearDown]
    public void Close() => _world.Dispose();

    [Test]
    public async Task What_is_spooled_is_published_in_order_under_its_ids_and_the_segments_are_removed()
    {
        _world.Options.Spool.SegmentBytes = 500;
        var ids = await Left(30);
        var failPoint = new FakeFailPoint();
        await using (var run = await _world.Start(failPoint, _broker))
        {
            await Drained(run);
            Assert.That(_broker.Confirmed, Is.EqualTo(ids));
            Assert.That(run.Spool.Figures.Bytes, Is.Zero);
        }
        Assert.That(Directory.GetDirectories(_world.Options.Spool.Folder), Is.Empty, "nothing is left behind");
    }

    [Test]
    public async Task New_records_follow_the_old_ones_while_it_drains()
    {
        await using var run = await _world.Start(bus: _broker);
        var ids = new List<Guid>();
        for (var i = 0; i < 200; i++)
        {
            ids.Add(Guid.CreateVersion7());
            Assert.That(await run.Add(1, id: ids[^1]));
        }
        await Drained(run);
        Assert.That(_broker.Confirmed, Is.EqualTo(ids));
    }

    [Test]
    public async Task While_the_broker_is_away_nothing_is_lost_and_the_first_confirm_closes_the_circuit()
    {
        _broker.Away = true;
        await using var run = await _world.Start(bus: _broker);
        await run.Add(1);
        await run.Add(2);
        Assert.That(() => run.Circuit.IsOpen, Is.True.After(5000, 10));
        Assert.That(run.Spool.Figures.Events, Is.EqualTo(3));
        _broker.Away = false;
        await Drained(run);
        Assert.That(run.Circuit.IsOpen, Is.False);
        Assert.That(_broker.Confirmed, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_message_that_is_not_confirmed_is_tried_again_and_none_is_passed_over()
    {
        var ids = await Left(20);
        _broker.Confirms = n => n != 3;
        await using var run = await _world.Start(bus: _broker);
        await Drained(run);
        Assert.That(_broker.Confirmed.Distinct(), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task A_death_publishes_some_again_under_the_same_ids_and_all_at_least_once([Values(SpoolStep.Published, SpoolStep.PositionSaved, SpoolStep.SegmentRemoved)] SpoolStep at, [Values(1, 2, 4)] int passage)
    {
        _world.Options.Spool.SegmentBytes = 300;
        var ids = await Left(20);
        var failPoint = new FakeFailPoint();
        using var reached = new ManualResetEventSlim();
        using var dead = new ManualResetEventSlim();
        failPoint.Do = step =>
        {
            if (step != at || failPoint.Passed(step) < passage)
                return;
            reached.Set();
            dead.Wait();
            throw new IOException("dead");
        };
        var run = await _world.Start(failPoint, _broker);
        Assert.That(reached.Wait(TimeSpan.FromSeconds(30)));
        // what a process that is gone would leave: its lock is released, its files are as they are
        var copy = Path.Combine(_world.Root, "copy");
        foreach (var file in Directory.EnumerateFiles(_world.Options.Spool.Folder, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(_world.Options.Spool.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (Path.GetFileName(to) == "lock")
                await File.WriteAllBytesAsync(to, []);
            else
                File.Copy(file, to);
        }
        _broker.Confirms = _ => false;
        dead.Set();
        await run.DisposeAsync();

        _world.Options.Spool.Folder = copy;
        _broker.Confirms = _ => true;
        await using var heir = await _world.Start(bus: _broker);
        await Drained(heir);
        Assert.That(_broker.Confirmed.Distinct(), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task A_saved_position_is_where_the_next_run_goes_on()
    {
        var ids = await Left(10);
        _broker.Confirms = n => n <= 4;
        await using (var run = await _world.Start(bus: _broker))
            Assert.That(() => run.Circuit.IsOpen, Is.True.After(5000, 10));
        var confirmed = _broker.Confirmed.Count;
        _broker.Confirms = _ => true;
        await using var heir = await _world.Start(bus: _broker);
        await Drained(heir);
        Assert.That(_broker.Confirmed, Is.EqualTo(ids));
        Assert.That(confirmed, Is.EqualTo(4));
    }

    [Test]
    public async Task A_damaged_record_is_kept_aside_and_holds_up_nobody()
    {
        var ids = await Left(3);
        var segment = _world.Segments.Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        await using var run = await _world.Start(bus: _broker);
        await Drained(run);
        Assert.That(_broker.Confirmed, Is.EqualTo(new[] { ids[0], ids[2] }));
        var kept = Path.Combine(_world.Options.Spool.Folder, "damaged", Path.GetFileName(segment));
        Assert.That(await File.ReadAllBytesAsync(kept), Is.EqualTo(bytes));
    }

    [Test]
    public async Task A_tail_that_was_cut_off_is_nobodys_and_nothing_is_kept_of_it()
    {
        var ids = await Left(3);
        var segment = _world.Segments.Single();
        using (var file = File.OpenHandle(segment, FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - 5);
        await using var run = await _world.Start(bus: _broker);
        await Drained(run);
        Assert.That(_broker.Confirmed, Is.EqualTo(ids[..2]));
        Assert.That(Directory.Exists(Path.Combine(_world.Options.Spool.Folder, "damaged")), Is.False);
    }

    [Test]
    public async Task A_position_that_is_damaged_publishes_the_segment_again()
    {
        var ids = await Left(3);
        await File.WriteAllBytesAsync(SpoolSegment.PositionOf(_world.Segments.Single()), new byte[20]);
        await using var run = await _world.Start(bus: _broker);
        await Drained(run);
        Assert.That(_broker.Confirmed, Is.EqualTo(ids));
    }

    [Test]
    public async Task While_the_broker_is_blocked_nothing_is_sent_to_it()
    {
        await Left(3);
        await using var run = await _world.Start(bus: new FakeBroker());
        await Drained(run);
        run.Circuit.Raised("low on memory");
        Assert.That(run.Circuit.IsOpen);
        await run.Add(1);
        Assert.That(() => run.Spool.Figures.Events, Is.EqualTo(1).After(200));
        run.Circuit.Cleared();
        await Drained(run);
        Assert.That(run.Circuit.IsOpen, Is.False);
    }

    /// <summary>A host has spooled messages of one event each, and died.</summary>
    private async Task<List<Guid>> Left(int messages)
    {
        await using var run = await _world.Start();
        var ids = Enumerable.Range(0, messages).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids)
            Assert.That(await run.Add(1, id: id));
        return ids;
    }

    private async Task Drained(SpoolRun run)
    {
        for (var i = 0; i < 3000 && (_world.Segments.Count > 0 || run.Spool.Figures.Bytes > 0); i++)
            await Task.Delay(10);
        Assert.That((run.Spool.Figures.Events, _world.Segments.Count), Is.EqualTo((0L, 0)));
    }
}
