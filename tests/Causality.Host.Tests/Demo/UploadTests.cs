using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Causality.Host.Demo;
using NUnit.Framework;

namespace Causality.Host.Tests.Demo;

[TestFixture]
internal sealed class UploadTests
{
    private static readonly HistoryOptions Small = new(1_050, 3, Seed: 1, new DateTimeOffset(2026, 3, 2, 15, 0, 0, TimeSpan.Zero), "shop");

    [Test]
    public async Task Batches_that_the_server_could_not_take_are_sent_again_byte_for_byte()
    {
        using var server = new Server((request, _) => request % 3 == 0 ? Later(HttpStatusCode.ServiceUnavailable) : request % 3 == 1 ? Later(HttpStatusCode.TooManyRequests) : Accepted);
        var upload = await Send(server);
        Assert.That((upload.Accepted, upload.Rejected), Is.EqualTo((1_050L, 0L)));
        Assert.That(upload.Retries, Is.GreaterThan(0));
        Assert.That(server.Bodies.Where(b => b.Value.Count > 1), Is.Not.Empty);
        Assert.That(server.Bodies.Sum(b => Events(b.Key)), Is.EqualTo(1_050), "a repeat differs from the first");
    }

    [Test]
    public async Task Rejected_events_are_counted_with_their_reason()
    {
        using var server = new Server((_, events) => Json($$"""{"acceptedCount":{{events - 1}},"rejectedCount":1,"results":[{"eventId":"a","status":"accepted"},{"index":1,"status":"rejected","error":"event.device_id is empty"}]}"""));
        var upload = await Send(server);
        Assert.That((upload.Accepted, upload.Rejected), Is.EqualTo((1_044L, 6L)));
        Assert.That(upload.Reasons["event.device_id is empty"], Is.EqualTo(6));
    }

    [Test]
    public void A_refused_key_ends_the_upload_with_the_servers_words()
    {
        using var server = new Server((_, _) => new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("""{"error":"invalid API key"}""") });
        Assert.That(() => Send(server), Throws.InstanceOf<UploadFailedException>().With.Message.Contains("401").And.Message.Contains("invalid API key"));
    }

    [Test]
    public void An_answer_that_does_not_count_every_event_is_a_failure()
    {
        using var server = new Server((_, _) => Json("{}"));
        Assert.That(() => Send(server), Throws.InstanceOf<UploadFailedException>().With.Message.Contains("answered for 0"));
    }

    [Test]
    public void Progress_tells_share_rate_and_time_left()
    {
        using var output = new StringWriter();
        var clock = new Clock();
        var progress = new Progress(1_000, output, inPlace: false, clock);
        clock.Pass(TimeSpan.FromSeconds(10));
        progress.Report(250);
        Assert.That(output.ToString().TrimEnd(), Is.EqualTo(" 25 %  250 of 1,000 events  25/s  0:00:30 left"));
    }

    [Test]
    public void The_command_line_wins_over_the_environment_and_the_end_is_a_whole_hour_that_has_passed()
    {
        var now = new DateTimeOffset(2026, 3, 2, 15, 47, 3, TimeSpan.Zero);
        string? Environment(string name) => name switch { "CAUSALITY_URL" => "http://there:81", "CAUSALITY_API_KEY" => "k", "CAUSALITY_APP_ID" => "demo", _ => null };
        var options = DemoOptions.Read(["--events", "10", "--url", "http://here:82"], Environment, now, out _);
        Assert.That(options, Is.EqualTo(new DemoOptions(new HistoryOptions(10, 90, 1, new DateTimeOffset(2026, 3, 2, 15, 0, 0, TimeSpan.Zero), "demo"), new Uri("http://here:82/"), "k")));
        Assert.That(DemoOptions.Read(["--until", "2026-03-02T16:00Z"], Environment, now, out var wrong), Is.Null);
        Assert.That(wrong, Does.Contain("future"));
        Assert.That(DemoOptions.Read(["--events", "many"], Environment, now, out _), Is.Null);
        Assert.That(DemoOptions.Read([], _ => null, now, out wrong), Is.Null);
        Assert.That(wrong, Does.Contain("CAUSALITY_API_KEY"));
    }

    private static async Task<Upload> Send(Server server)
    {
        using var http = new HttpClient(server, disposeHandler: false) { BaseAddress = new Uri("http://causality.test/") };
        var upload = new Upload(http, new Progress(Small.Events, TextWriter.Null, inPlace: false, TimeProvider.System), TimeProvider.System);
        await upload.Send(new History(Small).Events(), CancellationToken.None);
        return upload;
    }

    private static HttpResponseMessage Accepted => Json("accept");

    private static HttpResponseMessage Json(string answer) => new(HttpStatusCode.OK) { Content = new StringContent(answer) };

    private static HttpResponseMessage Later(HttpStatusCode status) =>
        new(status) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromMilliseconds(0)) }, Content = new StringContent("{}") };

    private static int Events(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("events").GetArrayLength();
    }

    private sealed class Server(Func<int, int, HttpResponseMessage> answer) : HttpMessageHandler
    {
        private int _requests = -1;

        public ConcurrentDictionary<string, ConcurrentBag<HttpStatusCode>> Bodies { get; } = new(StringComparer.Ordinal);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            var response = answer(Interlocked.Increment(ref _requests), Events(body));
            if (response.IsSuccessStatusCode && await response.Content.ReadAsStringAsync(cancellationToken) == "accept")
                response.Content = new StringContent($$"""{"acceptedCount":{{Events(body)}}}""");
            Bodies.GetOrAdd(body, _ => []).Add(response.StatusCode);
            return response;
        }
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
