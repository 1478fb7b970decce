using System.Net;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>Events that come again are recognized by their key, for at least the key window.</summary>
[TestFixture]
internal sealed class DuplicateTests : OnRealServers
{
    private static readonly DateTimeOffset At = new(2026, 6, 1, 8, 0, 0, TimeSpan.Zero);

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        await _host.Client.SignIn();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task The_same_batch_sent_eight_times_at_once_is_stored_once_and_answered_alike()
    {
        var events = Sent.Some(40, At);
        var before = await _host.Client.Books();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await _host.Client.Post(events);
            return (answer.StatusCode, Body: await answer.Content.ReadAsStringAsync());
        }));

        Assert.That(answers.Select(a => a.StatusCode), Has.All.EqualTo(HttpStatusCode.OK));
        Assert.That(answers.Select(a => a.Body).Distinct().Count(), Is.EqualTo(1));
        var books = await Eventually(_host.Client.Books, Has.Property("Balance").True.And.Property("Accepted").EqualTo(before.Accepted + 320));
        Assert.That((books.Stored - before.Stored, books.Duplicates - before.Duplicates), Is.EqualTo((40, 280)));
        await Eventually(() => Times(events), Is.EqualTo(Enumerable.Repeat(1L, 40)));
    }

    [Test]
    public async Task Copies_within_one_batch_are_stored_once()
    {
        var events = Sent.Some(5, At);
        await _host.Client.Accept([.. events, .. events, events[0] with { At = At.AddHours(3) }]);
        await Eventually(() => Times(events), Is.EqualTo(Enumerable.Repeat(1L, 5)));
        await Eventually(_host.Client.Books, Has.Property("Balance").True);
        Assert.That(Times(events), Has.All.EqualTo(1));
    }

    [Test]
    public async Task A_key_is_recognized_within_the_window_and_forgotten_after_it()
    {
        var once = Sent.Some(3, At);
        await _host.Client.Accept(once);
        await Eventually(() => Times(once), Is.EqualTo(new[] { 1L, 1, 1 }));

        await Later("19 minutes");
        Assert.That((await SendAgain(once)).Duplicates, Is.EqualTo(3), "within the window");
        Assert.That(Times(once), Has.All.EqualTo(1));

        await Later("21 minutes");
        Assert.That((await SendAgain(once)).Stored, Is.EqualTo(3), "after it");
        await Eventually(() => Times(once), Is.EqualTo(new[] { 2L, 2, 2 }));
    }

    [Test]
    public async Task One_key_of_two_apps_is_two_events()
    {
        var key = await _host.AddApp("other");
        var events = Sent.Some(2, At);

        await _host.Client.Accept(events);
        using var answer = await _host.Client.Post(events, key);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Eventually(() => Times(events), Is.EqualTo(new[] { 1L, 1 }));
        await Eventually(() => World.Lake.Keys("other").Keys, Is.EquivalentTo(events.Select(e => e.Key)));
    }

    private Task Later(string time) => World.Execute($"update event_keys set at = now() - interval '{time}'");

    /// <summary>Answers by how much the books grew.</summary>
    private async Task<Books> SendAgain(List<Sent> events)
    {
        var before = await _host.Client.Books();
        await _host.Client.Accept(events);
        var after = await Eventually(_host.Client.Books, Has.Property("Balance").True.And.Property("Accepted").EqualTo(before.Accepted + events.Count));
        return after with { Stored = after.Stored - before.Stored, Duplicates = after.Duplicates - before.Duplicates };
    }

    private IEnumerable<long> Times(List<Sent> events)
    {
        var stored = World.Lake.Keys(World.App);
        return [.. events.Select(e => stored.GetValueOrDefault(e.Key))];
    }
}
