using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causality.Ingest;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Ingest;

/// <summary>Requests that lie, trickle or never end, over a socket: each gets its answer or loses its connection in time, and the others are served meanwhile.</summary>
[TestFixture]
internal sealed class HostileHttpTests : OnRealServers
{
    private const int MaxBody = 200_000;
    private const string Event = """{"events":[{"deviceId":"d","timestampMs":1780000000000,"appStart":{}}]}""";

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start(also: services => services.Configure<IngestOptions>(ingest => (ingest.MaxBodyBytes, ingest.ReadingBytes) = (MaxBody, 4 * MaxBody)));

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Two_thousand_broken_bodies_are_answered_and_what_was_accepted_is_stored()
    {
        using var client = new EventClient(_host.Client.Http.BaseAddress!);
        await client.SignIn();
        var key = (await _host.AddKey(await App("hostile"), new Causality.Ingest.ApiKeys.ApiKeyLimits(EventsPerSecond: 1_000_000, Burst: 1_000_000))).Key;
        var bodies = new HostileBodies(seed: 7);
        var answers = new Dictionary<HttpStatusCode, int>();
        for (var round = 0; round < 2_000; round++)
        {
            var body = bodies.Next();
            using var answer = await _host.Client.Post(body.Path, body.Bytes, body.ContentType, key, request =>
            {
                if (body.Encoding is not null)
                    request.Content!.Headers.ContentEncoding.Add(body.Encoding);
            });
            answers[answer.StatusCode] = answers.GetValueOrDefault(answer.StatusCode) + 1;
        }
        Assert.That(answers.Keys, Is.SubsetOf(new[] { HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType }));
        Assert.That(answers[HttpStatusCode.OK], Is.GreaterThan(200));
        var books = await Eventually(() => client.Books("hostile"), Has.Property(nameof(Books.Balance)).True);
        Assert.That((books.Dead, books.Stored), Is.EqualTo((0L, books.Accepted - books.Duplicates)));
        Assert.That(books.Stored, Is.Positive);
    }

    [Test]
    public async Task Headers_that_do_not_end_cost_the_connection_within_15_seconds_and_nobody_else_waits()
    {
        using var slow = await Open("POST /v1/events/batch HTTP/1.1\r\nHost: x\r\n");
        var trickle = Trickle(slow, "X-Padding: 1\r\n");
        var (took, answer) = await Answer(slow, within: 20);
        Assert.That(took, Is.GreaterThan(TimeSpan.FromSeconds(8)).And.LessThan(TimeSpan.FromSeconds(15)));
        Assert.That(answer, Is.Empty.Or.StartWith("HTTP/1.1 408"));
        await trickle;
    }

    [Test]
    public async Task A_body_that_trickles_is_cut_off_within_15_seconds()
    {
        using var slow = await Open(Head("Content-Length: 100000"));
        var trickle = Trickle(slow, "{");
        var (took, answer) = await Answer(slow, within: 20);
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(15)));
        Assert.That(answer, Is.Empty.Or.StartWith("HTTP/1.1 408"));
        await trickle;
    }

    [Test]
    public async Task A_body_shorter_than_it_says_is_400_when_the_sender_is_done()
    {
        using var socket = await Open(Head("Content-Length: 5000") + Event);
        socket.Shutdown(SocketShutdown.Send);
        Assert.That((await Answer(socket, within: 10)).Text, Is.Empty.Or.StartWith("HTTP/1.1 400"));
    }

    [Test]
    public async Task What_follows_a_body_that_is_longer_than_it_says_is_not_taken_for_part_of_it()
    {
        using var socket = await Open(Head($"Content-Length: {Event.Length}") + Event + "{\"and\":\"more\"}\r\n\r\n");
        var answers = (await Answer(socket, within: 10)).Text;
        Assert.That(answers, Does.StartWith("HTTP/1.1 200").And.Contain("\"acceptedCount\":1"));
        Assert.That(answers.Split("HTTP/1.1 ").Skip(2).Single(), Does.StartWith("400"));
    }

    [Test]
    public async Task A_chunked_body_without_end_is_refused_at_the_limit()
    {
        using var socket = await Open(Head("Transfer-Encoding: chunked"));
        var chunk = Encoding.ASCII.GetBytes("2000\r\n" + new string(' ', 0x2000) + "\r\n");
        var sent = 0L;
        var endless = Task.Run(async () =>
        {
            try
            {
                for (; sent < 100_000_000; sent += 0x2000)
                    await socket.SendAsync(chunk);
            }
            catch (SocketException)
            {
                // the other side has had enough
            }
        });
        var (took, answer) = await Answer(socket, within: 20);
        await endless;
        Assert.That(answer, Does.StartWith("HTTP/1.1 400").And.Contain($"is larger than {MaxBody} bytes"));
        Assert.That(sent, Is.LessThan(100_000_000));
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(15)));
    }

    [TestCase("Content-Length: -1")]
    [TestCase("Content-Length: 99999999999999999999")]
    [TestCase("Content-Length: 10\r\nContent-Length: 20")]
    public async Task A_length_that_is_none_is_400(string header)
    {
        using var socket = await Open(Head(header) + Event);
        Assert.That((await Answer(socket, within: 10)).Text, Does.StartWith("HTTP/1.1 400"));
    }

    [Test]
    public async Task A_promise_of_more_than_the_limit_is_refused_before_it_is_sent()
    {
        using var socket = await Open(Head("Content-Length: 2000000000"));
        Assert.That((await Answer(socket, within: 10, first: true)).Text, Does.StartWith("HTTP/1.1 400").And.Contain("is larger than"));
    }

    [Test]
    public async Task Bodies_that_fill_the_memory_for_them_make_others_wait_and_let_them_in_when_they_are_done()
    {
        // each is in memory nearly whole, and waits for its end
        var body = Event.PadRight(MaxBody - 10);
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 4; i++)
                held.Add(await Open(Head($"Content-Length: {body.Length}") + body[..^1]));
            await Eventually(() => Send(150_000), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            using var refused = await _host.Client.Post("/v1/events/batch", Event.PadRight(150_000));
            Assert.That(
                (refused.Headers.RetryAfter?.Delta, await refused.Content.ReadAsStringAsync()),
                Is.EqualTo((TimeSpan.FromSeconds(2), """{"error":"the body cannot be read at the moment: too many bodies are being read"}""")));
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
        await Eventually(() => Send(150_000), Is.EqualTo(HttpStatusCode.OK));
    }

    private async Task<HttpStatusCode> Send(int bytes)
    {
        using var answer = await _host.Client.Post("/v1/events/batch", Event.PadRight(bytes));
        return answer.StatusCode;
    }

    private async Task<string> App(string id)
    {
        await _host.AddApp(id);
        return id;
    }

    private static string Head(string length) => $"POST /v1/events/batch HTTP/1.1\r\nHost: x\r\nX-API-Key: {World.Key}\r\nContent-Type: application/json\r\n{length}\r\n\r\n";

    private async Task<Socket> Open(string text)
    {
        var address = _host.Client.Http.BaseAddress!;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }

    // until the connection is gone; meanwhile somebody else is served
    private async Task Trickle(Socket socket, string part)
    {
        try
        {
            while (true)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(part));
                using var other = await _host.Client.Post("/v1/events/batch", Event);
                Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                await Task.Delay(TimeSpan.FromSeconds(0.5));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // cut off, as it should be
        }
    }

    // all that comes until the other side closes, or the first of it
    private static async Task<(TimeSpan Took, string Text)> Answer(Socket socket, int within, bool first = false)
    {
        var started = Stopwatch.GetTimestamp();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(within));
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) is > 0 and var read)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
                if (first && text.ToString().Contains("violations", StringComparison.Ordinal))
                    break;
            }
        }
        catch (SocketException)
        {
            // closed the hard way
        }
        return (Stopwatch.GetElapsedTime(started), text.ToString());
    }
}
