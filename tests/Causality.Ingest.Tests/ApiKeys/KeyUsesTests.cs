using Causality.Ingest.ApiKeys;
using NUnit.Framework;

namespace Causality.Ingest.Tests.ApiKeys;

[TestFixture]
internal sealed class KeyUsesTests
{
    private readonly Guid _key = Guid.CreateVersion7();
    private TestClock _clock = null!;
    private KeyUses _uses = null!;

    [SetUp]
    public void Fresh() => _uses = new KeyUses(_clock = new TestClock());

    [Test]
    public void The_last_use_is_taken_once()
    {
        _uses.Seen(_key);
        _clock.PassSeconds(1);
        _uses.Seen(_key);
        Assert.That(_uses.TakeUnsaved(), Is.EqualTo(new[] { (_key, _clock.GetUtcNow()) }));
        Assert.That(_uses.TakeUnsaved(), Is.Empty);
        _clock.PassSeconds(1);
        _uses.Seen(_key);
        Assert.That(_uses.TakeUnsaved(), Has.Count.EqualTo(1));
    }

    [Test]
    public void What_could_not_be_saved_is_taken_again_with_what_came_since()
    {
        _uses.Seen(_key);
        var unsaved = _uses.TakeUnsaved();
        _clock.PassSeconds(5);
        _uses.Seen(_key);
        _uses.Return(unsaved);
        Assert.That(_uses.TakeUnsaved(), Is.EqualTo(new[] { (_key, _clock.GetUtcNow()) }));
    }
}
