using NUnit.Framework;

namespace Causality.Ingest.Tests;

[TestFixture]
internal sealed class PeriodicSaveTests
{
    [Test]
    public async Task What_gathered_is_saved_at_the_interval_and_the_rest_when_the_host_stops()
    {
        using var save = new Numbers();
        await save.StartAsync(CancellationToken.None);
        save.Gathered = [1, 2];
        Assert.That(() => save.Saved, Is.EqualTo(new[] { 1, 2 }).After(5_000, 5));
        save.Gathered = [3];
        await save.StopAsync(CancellationToken.None);
        Assert.That(save.Saved, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task What_could_not_be_saved_is_saved_later_and_a_failure_that_lasts_is_told_once()
    {
        using var save = new Numbers { Away = true, Gathered = [1, 2] };
        await save.StartAsync(CancellationToken.None);
        Assert.That(() => save.Tries, Is.GreaterThanOrEqualTo(3).After(5_000, 5));
        Assert.That((save.Saved.Count, save.Told), Is.EqualTo((0, 1)));
        save.Away = false;
        await save.StopAsync(CancellationToken.None);
        Assert.That(save.Saved, Is.EqualTo(new[] { 1, 2 }));
    }

    private sealed class Numbers() : PeriodicSave<int>(TimeSpan.FromMilliseconds(10), TimeProvider.System)
    {
        public IReadOnlyList<int> Gathered { get; set; } = [];

        public List<int> Saved { get; } = [];

        public bool Away { get; set; }

        public int Tries { get; private set; }

        public int Told { get; private set; }

        protected override IReadOnlyList<int> TakeUnsaved()
        {
            var taken = Gathered;
            Gathered = [];
            return taken;
        }

        protected override void Return(IReadOnlyList<int> unsaved)
        {
            Gathered = unsaved;
            Tries++;
        }

        protected override void Tell(Exception failure) => Told++;

        protected override Task Save(IReadOnlyList<int> unsaved, CancellationToken ct)
        {
            if (Away)
                return Task.FromException(new IOException("away"));
            Saved.AddRange(unsaved);
            return Task.CompletedTask;
        }
    }
}
