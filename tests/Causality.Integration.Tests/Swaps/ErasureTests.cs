using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.Ledger;
using Causality.Sink.DeadLetters;
using Causality.Sink.Erasure;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.Swaps;

/// <summary>A person's events are gone from wherever they were and wherever they come from; everybody else's stay.</summary>
[TestFixture]
internal sealed class ErasureTests : OnRealServers
{
    private static readonly DateTimeOffset First = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ArmedFailPoint _failPoint = new();
    private HostInside _host = null!;
    private LakeDesk _desk = null!;
    private int _hours;

    private static SwapStep[] Steps => [.. Enum.GetValues<SwapStep>().Except([SwapStep.RetiredDeleted])];

    private DateTimeOffset Fresh => First.AddHours(Interlocked.Increment(ref _hours) * 3);

    private EraseUsers Eraser => _host.Services.GetRequiredService<EraseUsers>();

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: services =>
        {
            services.AddSingleton<IFailPoint>(_failPoint);
            LakeDesk.ByHand(services);
            services.Remove(services.Last(s => s.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService) && s.ImplementationFactory?.Method.ReturnType == typeof(EraseUsers)));
        });
        _desk = new LakeDesk(_host);
        await _host.Client.SignIn();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_persons_events_go_from_files_small_and_merged_and_the_report_and_the_books_say_so()
    {
        var hour = Fresh;
        var (mine, others) = await Fill(hour, "leaver", 9);
        await _desk.Run("compaction", new JobOrder(World.App, hour, hour.AddHours(1)));
        var (more, _) = await Fill(hour.AddHours(1), "leaver", 2);
        using var before = await _desk.Read(hour);
        var books = await _host.Client.Books();

        var dry = await Ask(new { app_id = World.App, user_id = "leaver", dry_run = true }, HttpStatusCode.OK);
        Assert.That(await _desk.Keys(World, hour), Has.Count.EqualTo(mine.Count + others.Count));
        var asked = await Ask(new { app_id = World.App, user_id = "leaver" }, HttpStatusCode.Accepted);
        Assert.That(asked.GetProperty("state").GetString(), Is.EqualTo("requested"));
        await Eraser.RunAll(CancellationToken.None);

        Assert.That((dry.GetProperty("rows").GetInt64(), dry.GetProperty("files").GetInt64()), Is.EqualTo((mine.Count + more.Count, 3)));
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(others.ToDictionary(r => r.Key, _ => 1L)));
        var report = await Report(asked);
        Assert.That((report.GetProperty("state").GetString(), report.GetProperty("rows").GetInt64(), report.GetProperty("files").GetInt64()), Is.EqualTo(("done", (long)mine.Count + more.Count, 3L)));
        Assert.That(await World.Count($"select sum(erased) from pipeline_outcomes where app_id = '{World.App}' and hour between {HourOf(hour)} and {HourOf(hour) + 1}"), Is.EqualTo(mine.Count + more.Count));
        Assert.That(await _host.Client.Books(), Is.EqualTo(books));
        Assert.That(async () => await _desk.Read(hour, asOf: before.Snapshot), Throws.InstanceOf<RefusedException>().With.Message.Contains("erased").And.Property("Status").EqualTo(410));
        Assert.That((await _desk.Run("ledger-check")).Figures["differences"], Is.Zero);
    }

    [Test]
    public async Task Events_received_before_and_stored_later_do_not_come_back_and_later_ones_stay()
    {
        var hour = Fresh;
        var erasedAt = DateTimeOffset.UtcNow;
        await Record(new Person(World.App, "late", ["late device"], erasedAt));
        var books = await _host.Client.Books();
        Row[] rows =
        [
            new("late 1", hour, UserId: "late"), new("late 2", hour, DeviceId: "late device"), new("late 3", hour, UserId: "LATE"),
            new("late 4", hour, UserId: "late", ReceivedAt: erasedAt.AddMinutes(1)), new("late 5", hour, UserId: "late", App: "blog"),
        ];

        var flushed = await _desk.Store(rows);

        Assert.That(flushed.Dead, Is.Zero);
        Assert.That((await _desk.Keys(World, hour)).Keys, Is.EquivalentTo(new[] { "late 3", "late 4" }));
        Assert.That((await _desk.Keys(World, hour, "blog")).Keys, Is.EquivalentTo(new[] { "late 5" }));
        var now = await _host.Client.Books();
        Assert.That((now.Accepted - books.Accepted, now.Stored - books.Stored, now.Balance), Is.EqualTo((4, 4, true)));
        Assert.That(await World.Count($"select erased from pipeline_outcomes where app_id = '{World.App}' and hour = {HourOf(hour)}"), Is.EqualTo(2));
        await Eraser.RunAll(CancellationToken.None);
    }

    [Test]
    public async Task An_erasure_waits_for_a_flush_that_does_not_know_of_it()
    {
        var hour = Fresh;
        Task recorded = Task.CompletedTask;
        _failPoint.Arm(Causality.Sink.Flushing.FlushStep.LedgerWritten, () =>
        {
            recorded = Task.Run(() => Record(new Person(World.App, "racer", [], DateTimeOffset.UtcNow)));
            Assert.That(recorded.Wait(TimeSpan.FromMilliseconds(300)), Is.False);
        });

        await _desk.Store(new Row("race 1", hour, UserId: "racer"), new Row("race 2", hour));
        await recorded;
        await Eraser.RunAll(CancellationToken.None);

        Assert.That((await _desk.Keys(World, hour)).Keys, Is.EquivalentTo(new[] { "race 2" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_erasure_that_is_asked_for_while_a_flush_lies_prepared_is_known_to_its_commit(bool again)
    {
        var hour = Fresh;
        var user = $"between {again}";
        if (again)
            await Record(new Person(World.App, user, [], hour));   // does not cover what is received at that hour; the same one, asked for again, does
        _failPoint.Arm(Causality.Sink.Flushing.FlushStep.FilesSealed, () =>
        {
            Record(new Person(World.App, user, [], DateTimeOffset.UtcNow)).GetAwaiter().GetResult();
            Eraser.RunAll(CancellationToken.None).GetAwaiter().GetResult();
        });

        await _desk.Store(new Row($"kept {again}", hour), new Row($"erased {again}", hour, UserId: user));

        Assert.That(_failPoint.Failed, Is.True);
        Assert.That((await _desk.Keys(World, hour)).Keys, Is.EquivalentTo(new[] { $"kept {again}" }));
        Assert.That((await _host.Client.Books()).Balance, Is.True);
    }

    [TestCaseSource(nameof(Steps))]
    public async Task An_erasure_that_dies_goes_on_where_it_was(SwapStep step)
    {
        var hour = Fresh;
        var user = $"dies at {step}";
        var (mine, others) = await Fill(hour, user, 3);
        await Record(new Person(World.App, user, [], DateTimeOffset.UtcNow));
        _failPoint.Arm(step, () => throw new IOException($"the test stops the swap at {step}"));

        Assert.That(async () => await Eraser.RunAll(CancellationToken.None), Throws.InstanceOf<IOException>());
        await Eraser.RunAll(CancellationToken.None);
        await _host.Services.GetRequiredService<Publication>().Complete(CancellationToken.None);

        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(others.ToDictionary(r => r.Key, _ => 1L)));
        Assert.That(await World.Count($"select rows from erasures where user_id = '{user}'"), Is.EqualTo(mine.Count));
        Assert.That(await World.Count($"select files from erasures where user_id = '{user}'"), Is.EqualTo(3));
        Assert.That(await World.Count($"select sum(erased) from pipeline_outcomes where app_id = '{World.App}' and hour = {HourOf(hour)}"), Is.EqualTo(mine.Count));
    }

    [Test]
    public async Task A_merge_that_has_read_the_persons_events_cannot_bring_them_back()
    {
        var hour = Fresh;
        var (_, others) = await Fill(hour, "merged", 4);
        await Record(new Person(World.App, "merged", [], DateTimeOffset.UtcNow));
        _failPoint.Arm(SwapStep.Sealed, () => Eraser.RunAll(CancellationToken.None).GetAwaiter().GetResult());

        await _desk.Run("compaction", new JobOrder(World.App, hour, hour.AddHours(1)));

        Assert.That(_failPoint.Failed, Is.True);
        Assert.That(await _desk.Keys(World, hour), Is.EquivalentTo(others.ToDictionary(r => r.Key, _ => 1L)));
    }

    [Test]
    public async Task Dead_letters_lose_the_persons_events_and_keep_the_others()
    {
        var hour = Fresh;
        var message = LakeDesk.Message([new Row("dead 1", hour, UserId: "ghost"), new Row("dead 2", hour, UserId: "other"), new Row("dead 3", hour, DeviceId: "ghost device")]);
        await DeadLetterTable.Bury(World.Database, DeadLetter.Whole(Guid.CreateVersion7(), message, "the test"), CancellationToken.None);
        var only = LakeDesk.Message([new Row("dead 4", hour, UserId: "ghost")]);
        await DeadLetterTable.Bury(World.Database, DeadLetter.Whole(Guid.CreateVersion7(), only, "the test"), CancellationToken.None);
        var broken = message with { Batch = message.Batch[..^10] };
        await DeadLetterTable.Bury(World.Database, DeadLetter.Whole(Guid.CreateVersion7(), broken, "broken"), CancellationToken.None);
        var books = await _host.Client.Books();

        await Record(new Person(World.App, "ghost", ["ghost device"], DateTimeOffset.UtcNow));
        await Eraser.RunAll(CancellationToken.None);

        var bodies = new List<string>();
        await using (var select = World.Database.CreateCommand("select body, events from dead_letters where position(convert_to('dead ', 'UTF8') in body) > 0 order by id"))
        await using (var reader = await select.ExecuteReaderAsync())
            while (await reader.ReadAsync())
            {
                bodies.Add(System.Text.Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0)));
                Assert.That(reader.GetInt64(1), Is.EqualTo(1));
            }
        Assert.That(bodies, Has.Count.EqualTo(2).And.All.Contains("other").And.None.Contains("ghost"));
        Assert.That(await World.Count("select dead_letters from erasures where user_id = 'ghost'"), Is.EqualTo(3));
        var now = await _host.Client.Books();
        Assert.That((now.Accepted, now.Dead, now.Balance), Is.EqualTo((books.Accepted, books.Dead - 5, true)));
    }

    [Test]
    public async Task A_letter_that_claimed_nothing_leaves_the_books_where_it_stood_in_them()
    {
        Task<long> Nobodys() => World.Count("select coalesce(sum(dead), 0)::bigint from pipeline_outcomes where app_id = '' and hour = 0");
        var before = await Nobodys();
        foreach (var user in new[] { "spirit", "neighbor" })
        {
            var message = LakeDesk.Message([new Row($"unclaimed {user}", Fresh, UserId: user)]) with { Counts = EventCounts.None };
            await DeadLetterTable.Bury(World.Database, DeadLetter.Whole(Guid.CreateVersion7(), message, "the test"), CancellationToken.None);
        }
        var books = await _host.Client.Books();
        Assert.That(await Nobodys(), Is.EqualTo(before + 2));

        await Record(new Person(World.App, "spirit", [], DateTimeOffset.UtcNow));
        await Eraser.RunAll(CancellationToken.None);

        Assert.That(await Nobodys(), Is.EqualTo(before + 1));
        Assert.That(await World.Count("select count(*) from dead_letters where position(convert_to('unclaimed spirit', 'UTF8') in body) > 0"), Is.Zero);
        Assert.That((await _host.Client.Books()).Dead, Is.EqualTo(books.Dead), "no app's dead events are fewer");
    }

    [Test]
    public async Task What_goes_dead_after_the_erasure_is_kept_without_the_person()
    {
        var hour = Fresh;
        await Record(new Person(World.App, "phantom", [], DateTimeOffset.UtcNow));
        await Eraser.RunAll(CancellationToken.None);
        var books = await _host.Client.Books();
        var before = await World.Count("select count(*) from dead_letters");

        var message = LakeDesk.Message([new Row("late dead 1", hour, UserId: "phantom"), new Row("late dead 2", hour, UserId: "else"), new Row("late dead 3", hour, UserId: "phantom", Payload: "[]"), new Row("late dead 4", hour, UserId: "else", Payload: "[]")]);
        await DeadLetterTable.Bury(World.Database, DeadLetter.Whole(Guid.CreateVersion7(), LakeDesk.Message([new Row("late dead 5", hour, UserId: "phantom"), new Row("late dead 6", hour, UserId: "else")]), "the test"), CancellationToken.None);
        var flushed = await _host.Services.GetRequiredService<Causality.Sink.Flushing.Flush>().Run([new Causality.Sink.Flushing.Waiting(Guid.CreateVersion7(), message, 0)], CancellationToken.None);

        Assert.That(flushed.Dead, Is.EqualTo(2));
        Assert.That((await _desk.Keys(World, hour)).Keys, Is.EquivalentTo(new[] { "late dead 2" }));
        Assert.That(await World.Count("select count(*) from dead_letters") - before, Is.EqualTo(2));
        Assert.That(await World.Count("select count(*) from dead_letters where position(convert_to('phantom', 'UTF8') in body) > 0"), Is.Zero);
        Assert.That(await World.Count("select count(*) from dead_letters where position(convert_to('late dead', 'UTF8') in body) > 0 and events = 1"), Is.EqualTo(2));
        var now = await _host.Client.Books();
        Assert.That((now.Accepted - books.Accepted, now.Dead - books.Dead, now.Stored - books.Stored, now.Balance), Is.EqualTo((6, 2, 4, true)));
        Assert.That(await World.Count($"select erased from pipeline_outcomes where app_id = '{World.App}' and hour = {HourOf(hour)}"), Is.EqualTo(3));
        Assert.That((await _desk.Run("ledger-check")).Figures["differences"], Is.Zero);
    }

    [Test]
    public async Task An_export_has_every_event_of_the_user_with_its_columns_and_its_payload_as_json()
    {
        var hour = Fresh;
        await Fill(hour, "reader", 2);
        await _desk.Store(new Row("export \"1\"", hour.AddHours(1), "bought", UserId: "reader", Payload: """{"a":null,"plan":"pr\"o","list":[1,2]}"""));

        using var answer = await _host.Client.Http.GetAsync($"/api/v1/operations/exports?app_id={World.App}&user_id=reader");
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.That((answer.StatusCode, answer.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "application/x-ndjson")));
        Assert.That(lines, Has.Count.EqualTo(7));
        Assert.That(lines.Select(l => l.GetProperty("user_id").GetString()), Has.All.EqualTo("reader"));
        var bought = lines.Single(l => l.GetProperty("event_type").GetString() == "bought");
        Assert.That((bought.GetProperty("app_id").GetString(), bought.GetProperty("idempotency_key").GetString(), bought.GetProperty("payload").GetRawText()),
            Is.EqualTo((World.App, "export \"1\"", """{"a":null,"plan":"pr\"o","list":[1,2]}""")));
        Assert.That(bought.TryGetProperty("country", out _), Is.False);
        Assert.That(await World.Count("select count(*) from audit_log where action = 'user-exported'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Asking_again_before_it_is_done_is_one_erasure_and_bad_requests_say_what_to_change()
    {
        var first = await Ask(new { app_id = World.App, user_id = "twice" }, HttpStatusCode.Accepted);
        var second = await Ask(new { app_id = World.App, user_id = "twice" }, HttpStatusCode.Accepted);
        Assert.That(second.GetProperty("id").GetGuid(), Is.EqualTo(first.GetProperty("id").GetGuid()));

        var refused = await Ask(new { app_id = World.App }, HttpStatusCode.BadRequest);
        Assert.That(refused.GetProperty("errors").GetProperty("user_id")[0].GetString(), Does.Contain("device_ids"));
        refused = await Ask(new { app_id = World.App, device_ids = new[] { "" } }, HttpStatusCode.BadRequest);
        Assert.That(refused.GetProperty("errors").EnumerateObject().Single().Name, Does.StartWith("device_ids"));
        Assert.That((await Ask(new { app_id = "not-mine", user_id = "x" }, HttpStatusCode.NotFound)).ValueKind, Is.EqualTo(JsonValueKind.Object));
        Assert.That(await _host.Client.Status($"/api/v1/operations/exports?app_id={World.App}"), Is.EqualTo(HttpStatusCode.BadRequest));
        await Eraser.RunAll(CancellationToken.None);
    }

    private async Task<JsonElement> Ask(object request, HttpStatusCode expected)
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync("/api/v1/operations/erasures", request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), body);
        return JsonDocument.Parse(body).RootElement;
    }

    private async Task<JsonElement> Report(JsonElement asked) =>
        (await _host.Client.Get($"/api/v1/operations/erasures?app_id={World.App}")).EnumerateArray().Single(e => e.GetProperty("id").GetGuid() == asked.GetProperty("id").GetGuid());

    private Task<ErasureReport> Record(Person person) => RequestErasure.Record(person, "ada@example.com", _host.Services.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None);

    private async Task<(List<Row> Mine, List<Row> Others)> Fill(DateTimeOffset hour, string user, int files)
    {
        var (mine, others) = (new List<Row>(), new List<Row>());
        for (var i = 0; i < files; i++)
        {
            var rows = Row.Some(10, hour.AddMinutes(i)).Select((r, n) => n % 3 == 1 ? r with { UserId = user } : r).ToList();
            await _desk.Store(rows);
            mine.AddRange(rows.Where(r => r.UserId == user));
            others.AddRange(rows.Where(r => r.UserId != user));
        }
        return (mine, others);
    }

    private static int HourOf(DateTimeOffset moment) => (int)(moment.ToUnixTimeSeconds() / 3600);
}
