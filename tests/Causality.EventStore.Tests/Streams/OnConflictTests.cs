using Causality.EventStore.Streams;
using NUnit.Framework;

namespace Causality.EventStore.Tests.Streams;

[TestFixture]
internal sealed class OnConflictTests
{
    private int _turns;

    [SetUp]
    public void Begin() => _turns = 0;

    [Test]
    public async Task An_order_that_somebody_else_overtook_is_decided_again()
    {
        Assert.That(await OnConflict.Again(() => Turn(conflicts: 2), CancellationToken.None), Is.EqualTo(3));
    }

    [Test]
    public void Who_loses_every_turn_gets_the_conflict_after_the_last()
    {
        Assert.That(async () => await OnConflict.Again(() => Turn(conflicts: int.MaxValue), CancellationToken.None), Throws.TypeOf<StreamConflictException>());
        Assert.That(_turns, Is.EqualTo(OnConflict.Tries));
    }

    [Test]
    public void Any_other_failure_ends_it_at_once_unless_it_is_named_a_conflict()
    {
        Task Broken() => Task.FromException(new InvalidOperationException($"turn {++_turns}"));
        Assert.That(async () => await OnConflict.Again(Broken, CancellationToken.None), Throws.InvalidOperationException.With.Message.EqualTo("turn 1"));
        Assert.That(async () => await OnConflict.Again(Broken, CancellationToken.None, or: e => e.Message == "turn 2"), Throws.InvalidOperationException.With.Message.EqualTo("turn 3"));
    }

    [Test]
    public void Nobody_is_asked_again_once_the_caller_has_gone()
    {
        using var gone = new CancellationTokenSource();
        Assert.That(async () => await OnConflict.Again(() =>
        {
            gone.Cancel();
            return Turn(conflicts: int.MaxValue);
        }, gone.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_turns, Is.EqualTo(1));
    }

    private Task<int> Turn(int conflicts) => ++_turns <= conflicts ? Task.FromException<int>(new StreamConflictException(new StreamId("test", "one"), _turns)) : Task.FromResult(_turns);
}
