using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Ingest;

/// <summary>Segment's tracking API over HTTP, with Segment's own client for Node (<c>tests/segment-node</c>) and with bodies as its other clients send them.</summary>
[TestFixture]
internal sealed class SegmentTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Segments_own_client_for_Node_is_answered_and_all_that_it_sent_is_stored_once()
    {
        var key = await _host.AddApp("segment-node");
        var client = Path.Combine(Folder(), "..", "segment-node");
        await Run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], client);
        var answers = await Run("node", ["send.mjs", _host.Client.Http.BaseAddress!.ToString().TrimEnd('/'), key], client);
        Assert.That(answers.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.Not.Empty.And.All.EqualTo("200"));

        var rows = await Eventually(
            () => World.Lake.Query($"SELECT event_type, device_id, user_id, platform, path, locale, payload_json FROM {World.Lake.Events} WHERE app_id = 'segment-node' ORDER BY ALL")
                .Select(row => string.Join(" | ", row.Select(v => v ?? "NULL"))), Has.Exactly(6).Items);
        Assert.That(rows, Is.EqualTo(new[]
        {
            "Order Completed | user:user 7 | user 7 | server | NULL | NULL | {\"total\":12.5,\"items\":[{\"sku\":\"a\",\"n\":1}],\"gift\":false,\"note\":null}",
            "alias | user:user 7 | user 7 | server | NULL | NULL | {\"previous_id\":\"browser 1\"}",
            "group | user:user 7 | user 7 | server | NULL | NULL | {\"plan\":\"pro\",\"group_id\":\"org_1\"}",
            "identify | user:user 7 | user 7 | server | NULL | NULL | {\"email\":\"ada@example.com\",\"address\":{\"city\":\"Wien\",\"zip\":[1,2]}}",
            "page | browser 1 | NULL | server | /a | NULL | {\"url\":\"https://shop.example.com/a?b=1\",\"name\":\"Home\"}",
            "screen | d-1 | user 7 | ios | NULL | de-AT | {\"n\":1,\"name\":\"Cart\"}",
        }));
    }

    [TestCase("/v1/t", "text/plain", false)]
    [TestCase("/v1/track", "application/json", true)]
    [TestCase("/v1/t", "text/plain;charset=UTF-8", true)]
    public async Task A_call_is_taken_with_the_key_in_its_body_as_text_and_gzipped(string path, string type, bool gzip)
    {
        var name = $"by {Guid.CreateVersion7():N}";
        var body = Encoding.UTF8.GetBytes($$"""{"event":"{{name}}","anonymousId":"a","writeKey":"{{World.Key}}","timestamp":"2026-05-28T20:26:40.000Z","properties":{"deep":{"er":[1]} } }""");
        using var answer = await _host.Client.Post(path, gzip ? Gzip(body) : body, type, key: null, request =>
        {
            if (gzip)
                request.Content!.Headers.ContentEncoding.Add("gzip");
        });
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, """{"success":true}""")));
        await Eventually(() => World.Lake.Query($"SELECT payload_json FROM {World.Lake.Events} WHERE event_type = '{name}'").Select(r => r[0]), Is.EqualTo(new[] { """{"deep":{"er":[1]}}""" }));
    }

    [TestCase("/v1/batch"), TestCase("/v1/b")]
    public async Task A_batch_tells_how_many_of_its_calls_were_rejected_and_which_when_asked(string path)
    {
        var body = """{"batch":[{"type":"identify","userId":1},{"type":"track","userId":1}]}"""u8.ToArray();
        using var answer = await _host.Client.Post(path, body, "application/json", key: null, Basic);
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, """{"success":true,"acceptedCount":1,"rejectedCount":1}""")));
        using var told = await _host.Client.Post(path, body, "application/json", key: null, request =>
        {
            Basic(request);
            request.Headers.Add("Causality-Protocol", "2");
        });
        Assert.That(await told.Content.ReadAsStringAsync(), Does.Contain("""{"index":1,"status":"rejected","error":"event.event: must not be empty","code":"required","field":"event.event"}"""));
    }

    [Test]
    public async Task Each_call_has_its_routes(
        [Values("identify", "i", "page", "p", "screen", "s", "group", "g", "alias", "a")] string route)
    {
        using var answer = await _host.Client.Post($"/v1/{route}", """{"userId":"u"}"""u8.ToArray(), "application/json", key: null, Basic);
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, """{"success":true}""")));
    }

    [TestCase("/v1/track", """{"userId":"u"}""", "event.event")]
    [TestCase("/v1/batch", "{", "body")]
    public async Task What_cannot_be_taken_at_all_is_400_with_the_field(string path, string body, string field)
    {
        using var answer = await _host.Client.Post(path, Encoding.UTF8.GetBytes(body), "application/json", key: null, Basic);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"{{\"field\":\"{field}\""));
    }

    [Test]
    public async Task A_wrong_write_key_is_401()
    {
        using var answer = await _host.Client.Post("/v1/b", """{"writeKey":"nonsense","batch":[]}"""u8.ToArray(), "text/plain", key: null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    private static void Basic(HttpRequestMessage request) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(World.Key + ":")));

    private static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "..");

    private static async Task<string> Run(string program, string[] arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(deadline.Token);
        Assert.That(process.ExitCode, Is.Zero, $"{program}: {await output}{await errors}");
        return await output;
    }
}
