using Causality.Integration.Tests.Swaps;
using Causality.Sink.Flushing;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>A flush is prepared while the one before has not committed: what it took for known then must be so when it commits.</summary>
[TestFixture]
internal sealed class PreparedFlushTests : OnRealServers
{
    private static int _hours;

    private HostInside _host = null!;
    private LakeDesk _desk = null!;

    private static DateTimeOffset Fresh => new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Interlocked.Increment(ref _hours));

    private Flush Flush => _host.Services.GetRequiredService<Flush>();

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: LakeDesk.ByHand);
        await _host.Client.SignIn();
        _desk = new LakeDesk(_host);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Events_of_the_flush_before_are_duplicates()
    {
        var rows = Row.Some(6, Fresh);
        var first = await Prepare(null, Message(rows.Take(4)));
        var second = await Prepare(first, Message(rows.Skip(2)));

        Assert.That((await Commit(first)).Stored, Is.EqualTo(4));
        var result = await Commit(second);

        Assert.That((result.Stored, result.Duplicates), Is.EqualTo((2, 2)));
        await StoredOnce(rows);
    }

    [Test]
    public async Task They_are_not_when_the_flush_before_was_not_stored()
    {
        var rows = Row.Some(6, Fresh);
        var first = await Prepare(null, Message(rows.Take(4)));
        var messages = Message(rows.Skip(2));
        var second = await Prepare(first, messages);

        Assert.That(async () => await Commit(second), Throws.TypeOf<OutdatedFlushException>());
        second = await Prepare(null, messages);
        Assert.That((await Commit(second)).Stored, Is.EqualTo(4));

        Assert.That(async () => await Commit(first), Throws.TypeOf<OutdatedFlushException>(), "another has stored two of its events meanwhile");
        await StoredOnce(rows.Skip(2));
    }

    [Test]
    public async Task A_message_that_is_in_both_is_stored_by_the_first_and_nothing_is_left_for_the_second()
    {
        var rows = Row.Some(5, Fresh);
        var message = Message(rows);
        var first = await Prepare(null, message);
        var second = await Prepare(first, message);
        await Commit(first);

        Assert.That(async () => await Commit(second), Throws.TypeOf<OutdatedFlushException>());
        var again = await Prepare(null, message);

        Assert.That(again.Fresh, Is.Empty);
        Assert.That(await Commit(again), Is.EqualTo(new FlushResult(0, 0, 0, 0, 0)));
        await StoredOnce(rows);
    }

    [Test]
    public async Task A_commit_that_failed_is_repeated_with_the_same_files()
    {
        var rows = Row.Some(3, Fresh);
        var flush = await Prepare(null, Message(rows));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.That(async () => await Flush.Commit(flush, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That((await Commit(flush)).Stored, Is.EqualTo(3));
        await StoredOnce(rows);
    }

    private Task<PreparedFlush> Prepare(PreparedFlush? before, Waiting message) => Flush.Prepare([message], before, CancellationToken.None);

    private Task<FlushResult> Commit(PreparedFlush flush) => Flush.Commit(flush, CancellationToken.None);

    private static Waiting Message(IEnumerable<Row> rows) => new(Guid.CreateVersion7(), LakeDesk.Message([.. rows]), TimeProvider.System.GetTimestamp());

    private async Task StoredOnce(IEnumerable<Row> rows)
    {
        var expected = rows.ToDictionary(r => r.Key, _ => 1L);
        Assert.That(await _desk.Keys(World, new DateTimeOffset(rows.First().At.UtcDateTime.Date.AddHours(rows.First().At.Hour), TimeSpan.Zero)), Is.EquivalentTo(expected));
    }
}
