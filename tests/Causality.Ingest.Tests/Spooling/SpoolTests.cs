using Causality.Ingest.Spooling;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Spooling;

/// <summary>What is durable stays so, through deaths and bad disks; what is not is refused.</summary>
[TestFixture]
internal sealed class SpoolTests
{
    private SpoolWorld _world = null!;

    [SetUp]
    public void Open() => _world = new SpoolWorld();

    [TearDown]
    public void Close() => _world.Dispose();

    [Test]
    public async Task Writers_that_wait_share_an_fsync()
    {
        var failPoint = new FakeFailPoint();
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        failPoint.Do = step =>
        {
            if (step is not SpoolStep.Appended)
                return;
            entered.Set();
            go.Wait();
        };
        await using var run = await _world.Start(failPoint);
        var first = run.Add(1);
        entered.Wait();
        var others = Enumerable.Range(0, 100).Select(_ => run.Add(1)).ToArray();
        go.Set();
        Assert.That(await Task.WhenAll([first, .. others]), Is.All.True);
        Assert.That(failPoint.Passed(SpoolStep.Synced), Is.EqualTo(2), "one for the first, one for all that came meanwhile");
        Assert.That(_world.Records, Has.Count.EqualTo(101));
        Assert.That((run.Spool.Figures.Events, run.Spool.Figures.Bytes), Is.EqualTo((101L, _world.Segments.Sum(s => new FileInfo(s).Length))));
    }

    [Test]
    public async Task Nobody_is_told_that_a_record_is_durable_before_it_is()
    {
        var failPoint = new FakeFailPoint();
        Task<bool>? added = null;
        var told = new List<bool>();
        using var known = new ManualResetEventSlim();
        failPoint.Do = step =>
        {
            known.Wait();
            if (step is SpoolStep.Appended or SpoolStep.Synced)
                told.Add(added!.IsCompleted);
        };
        await using var run = await _world.Start(failPoint);
        added = run.Add(1);
        known.Set();
        Assert.That(await added);
        Assert.That(told, Is.EqualTo(new[] { false, false }));
    }

    [Test]
    public async Task A_full_spool_refuses_and_says_how_full_it_is()
    {
        _world.Options.Spool.MaxBytes = 5_000;
        await using var run = await _world.Start();
        Assert.That(await run.Add(400));
        Assert.That(await run.Add(400), Is.False);
        Assert.That(await run.Add(5), "what is small still has room");
        Assert.That((run.Spool.Figures.FullBytes, run.Spool.Figures.Events), Is.EqualTo((5_000L, 405L)));
        Assert.That(run.Counts.TakeUnsaved().Sum(t => t.Events), Is.EqualTo(405), "and only what is durable counts");
    }

    [Test]
    public async Task The_last_of_the_disk_is_left_free()
    {
        _world.Options.Spool.MinFreeBytes = long.MaxValue / 2;
        await using var run = await _world.Start();
        Assert.That(await run.Add(1), Is.False);
        Assert.That(_world.Segments, Is.Empty);
        _world.Options.Spool.MinFreeBytes = 0;
        Assert.That(await run.Add(1), "and it takes again when there is room");
    }

    [Test]
    public async Task A_write_that_fails_is_refused_and_leaves_nothing_that_would_be_read([Values(SpoolStep.SegmentCreated, SpoolStep.Appended, SpoolStep.Synced)] SpoolStep at)
    {
        var failPoint = new FakeFailPoint();
        await using var run = await _world.Start(failPoint);
        Assert.That(await run.Add(1));
        _world.Options.Spool.SegmentBytes = at is SpoolStep.SegmentCreated ? 1 : _world.Options.Spool.SegmentBytes;
        failPoint.Do = step =>
        {
            if (step == at)
                throw new IOException("No space left on device");
        };
        Assert.That(await run.Add(2), Is.False);
        failPoint.Do = _ => { };
        Assert.That(await run.Add(4));
        Assert.That(_world.Records.Select(r => r.Events), Is.EqualTo(new[] { 1, 4 }));
        Assert.That(run.Counts.TakeUnsaved().Sum(t => t.Events), Is.EqualTo(5));
    }

    [Test]
    public async Task A_disk_that_is_really_full_refuses_and_takes_again_when_there_is_room()
    {
        var disk = Path.Combine(_world.Root, "disk");
        Directory.CreateDirectory(disk);
        using (var mount = System.Diagnostics.Process.Start("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]))
        {
            await mount.WaitForExitAsync();
            if (mount.ExitCode != 0)
                Assert.Ignore("a disk of its own needs the right to mount one");
        }
        try
        {
            _world.Options.Spool.Folder = Path.Combine(disk, "spool");
            await using (var run = await _world.Start())
            {
                var ballast = Path.Combine(disk, "ballast");
                await File.WriteAllBytesAsync(ballast, new byte[100_000]);
                var taken = 0;
                while (await run.Add(2_000))
                    taken++;
                Assert.That(taken, Is.InRange(3, 12));
                File.Delete(ballast);
                Assert.That(await run.Add(2_000));
                Assert.That(_world.Records, Has.Count.EqualTo(taken + 1));
            }
        }
        finally
        {
            using var unmount = System.Diagnostics.Process.Start("umount", [disk]);
            await unmount.WaitForExitAsync();
        }
    }

    [Test]
    public async Task Segments_are_closed_at_their_size_and_read_in_order()
    {
        _world.Options.Spool.SegmentBytes = 500;
        await using var run = await _world.Start();
        for (var i = 1; i <= 20; i++)
            Assert.That(await run.Add(i));
        Assert.That(_world.Segments, Has.Count.GreaterThan(3));
        Assert.That(_world.Records.Select(r => r.Events), Is.EqualTo(Enumerable.Range(1, 20)));
    }

    [Test]
    public async Task A_record_keeps_the_run_with_which_it_was_published_and_else_has_its_segments()
    {
        await using var run = await _world.Start();
        await run.Add(3, run.Counts.Run);
        await run.Add(5);
        Assert.That(_world.Records.Select(r => r.Counts.Run), Is.EqualTo(new[] { run.Counts.Run, Guid.Parse(Path.GetFileNameWithoutExtension(_world.Segments.Single())) }));
        Assert.That(run.Counts.TakeUnsaved().Select(t => t.Events), Is.EquivalentTo(new[] { 3, 5 }));
    }

    [Test]
    public async Task What_a_dead_host_left_is_taken_over_with_its_counts_and_not_from_one_that_lives()
    {
        var dead = await _world.Start();
        await dead.Add(3, dead.Counts.Run);
        await dead.Add(5);
        await dead.Add(6);
        var books = dead.Counts.TakeUnsaved();
        await using var heir = await _world.Start();
        heir.Spool.TakeOver();
        Assert.That(heir.Spool.Figures.Events, Is.Zero, "the other lives");

        await dead.DisposeAsync();
        heir.Spool.TakeOver();
        heir.Spool.TakeOver();
        Assert.That(heir.Spool.Figures.Events, Is.EqualTo(14));
        Assert.That(heir.Counts.TakeUnsaved(), Is.EquivalentTo(books));
        Assert.That(Directory.GetDirectories(_world.Options.Spool.Folder), Has.Length.EqualTo(1), "the folder of the dead is gone");
    }

    [Test]
    public async Task A_folder_that_cannot_be_written_stops_the_host_and_is_named()
    {
        var file = Path.Combine(_world.Root, "file");
        await File.WriteAllTextAsync(file, "not a folder");
        _world.Options.Spool.Folder = file;
        Assert.That(async () => await _world.Start(), Throws.TypeOf<Microsoft.Extensions.Options.OptionsValidationException>().With.Message.Contains(file));
    }
}
