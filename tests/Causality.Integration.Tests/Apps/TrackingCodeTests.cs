using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Causality.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Apps;

/// <summary>The snippets of the tracking code page do what they promise: with the key put in, the host accepts what they send.</summary>
[TestFixture]
internal sealed partial class TrackingCodeTests : OnRealServers
{
    private HostInside _host = null!;
    private Person _admin = null!;
    private string _endpoint = null!, _key = null!;
    private JsonElement _snippets;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _admin = await Person.SignIn(_host);
        _endpoint = _host.Client.Http.BaseAddress!.ToString().TrimEnd('/');
        _key = await _host.AddApp("tracked");
        var answer = (await _admin.Get("/api/v1/apps/tracked/tracking-code")).Must(HttpStatusCode.OK);
        Assert.That((answer["app_id"].GetString(), answer["endpoint"].GetString()), Is.EqualTo(("tracked", _endpoint)));
        _snippets = answer["snippets"];
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _admin?.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public void There_is_a_snippet_for_each_stack_with_a_place_for_the_key_and_this_address()
    {
        Assert.That(_snippets.EnumerateArray().Select(s => $"{s.GetProperty("stack")} {s.GetProperty("language")}"),
            Is.EqualTo(new[] { "curl bash", "web html", "dotnet csharp", "mobile kotlin", "mobile swift" }));
        Assert.That(_snippets.EnumerateArray().Select(s => s.GetProperty("code").GetString()), Is.All.Contain("YOUR_API_KEY").And.All.Contain(_endpoint));
    }

    [Test]
    public async Task The_public_address_is_told_where_it_is_set()
    {
        await using var host = await World.Start("gateway", services => services.AddSingleton(new PublicAddress(new Uri("https://events.example.com/"))));
        using var admin = await Person.SignIn(host);
        var answer = await admin.Get("/api/v1/apps/tracked/tracking-code");
        Assert.That(answer["endpoint"].GetString(), Is.EqualTo("https://events.example.com"));
        Assert.That(answer["snippets"][0].GetProperty("code").GetString(), Does.Contain("'https://events.example.com/api/v1/track'"));
    }

    [Test]
    public async Task The_curl_snippet_runs()
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", Code("bash")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = shell.StandardError.ReadToEndAsync();
        Assert.That(await shell.StandardOutput.ReadToEndAsync(), Does.Match("""^\{"eventId":"[^"]+","status":"accepted"\}$"""), await errors);
    }

    [Test]
    public async Task What_the_web_snippet_sends_is_accepted()
    {
        var code = Code("html");
        var address = Regex.Match(code, "address = '([^']+)'").Groups[1].Value;
        // what the browser would put in
        var body = Regex.Match(code, @"JSON\.stringify\((\{.*?\})\);", RegexOptions.Singleline).Groups[1].Value;
        body = Regex.Replace(body, @"^(\s*)(\w+): (.+?)(,?)$", m => $"{m.Groups[1]}\"{m.Groups[2]}\": {InBrowser(m.Groups[3].Value)}{m.Groups[4]}", RegexOptions.Multiline);
        using var answer = await _host.Client.Post(address[_endpoint.Length..], System.Text.Encoding.UTF8.GetBytes(body), "text/plain;charset=UTF-8", key: null);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"status\":\"accepted\""), body);

        static string InBrowser(string expression) => expression switch
        {
            "type" => "\"page_view\"",
            "id(localStorage, 'causality_visitor')" or "id(sessionStorage, 'causality_session')" => "\"mh1x2abc\"",
            "location.href" => "\"https://shop.example.com/cart?step=2\"",
            "document.referrer" => "\"\"",
            "document.title" => "\"Cart\"",
            "new Date().toISOString()" => $"\"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}\"",
            "properties || {}" => "{}",
            _ => throw new InvalidOperationException($"no browser knows {expression}"),
        };
    }

    [Test]
    public async Task The_dotnet_snippet_is_the_code_that_runs_here()
    {
        var (endpoint, key) = (_endpoint, _key);
        // snippet
        using var causality = new HttpClient { BaseAddress = new Uri(endpoint) };
        causality.DefaultRequestHeaders.Add("X-API-Key", key);

        using var answer = await causality.PostAsJsonAsync("/v1/events/batch", new
        {
            events = new[]
            {
                new
                {
                    event_type = "signed_up",
                    timestamp = DateTimeOffset.UtcNow,
                    idempotency_key = Guid.NewGuid().ToString(),
                    user_id = "user-1",
                    metadata = new { plan = "pro" },
                    server_context = new { hostname = Environment.MachineName },
                },
            },
        });
        answer.EnsureSuccessStatusCode();
        // end of snippet
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"acceptedCount\":1"));
        var here = Regex.Match(await File.ReadAllTextAsync(ThisFile()), "        // snippet\n(.*?)        // end of snippet", RegexOptions.Singleline).Groups[1].Value
            .Replace("new Uri(endpoint)", $"new Uri(\"{_endpoint}\")", StringComparison.Ordinal).Replace("\"X-API-Key\", key)", $"\"X-API-Key\", \"{_key}\")", StringComparison.Ordinal);
        Assert.That(Code("csharp"), Is.EqualTo("using System.Net.Http.Json;\n\n" + Regex.Replace(here, "^        ", "", RegexOptions.Multiline).TrimEnd()));
        static string ThisFile([CallerFilePath] string path = "") => path;
    }

    [TestCase("kotlin")]
    [TestCase("swift")]
    public async Task What_the_mobile_snippets_send_is_accepted(string language)
    {
        var code = Code(language);
        Assert.That(code, Does.Contain($"\"{_endpoint}/v1/events/batch\"").And.Contain($"\"{_key}\"").And.Contain("X-API-Key"));
        var body = Regex.Match(code, "\"\"\"\n(.*?)\"\"\"", RegexOptions.Singleline).Groups[1].Value;
        body = OnPhone().Replace(body, m => m.Value switch
        {
            var text when text.Contains("Millis", StringComparison.Ordinal) || text.Contains("1970", StringComparison.Ordinal) => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => Guid.NewGuid().ToString(),
        });
        using var answer = await _host.Client.Post("/v1/events/batch", body, _key);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"acceptedCount\":1").And.Not.Contain("rejected"), body);
    }

    private string Code(string language) =>
        _snippets.EnumerateArray().Single(s => s.GetProperty("language").GetString() == language).GetProperty("code").GetString()!.Replace("YOUR_API_KEY", _key, StringComparison.Ordinal);

    // ${…} of Kotlin and \(…) of Swift, with the calls inside
    [GeneratedRegex("""\$\{[^}]*\}|\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)""")]
    private static partial Regex OnPhone();
}
