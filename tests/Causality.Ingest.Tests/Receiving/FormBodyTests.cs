using System.IO.Compression;
using System.Text;
using Causality.Ingest.Receiving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Receiving;

/// <summary>Bodies that need no preflight, and what is taken out of them.</summary>
[TestFixture]
internal sealed class FormBodyTests
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = """{"a":"ä+b&c=d >>> ???"}""";

    private static readonly string Escaped = Uri.EscapeDataString(Json);
    private static readonly string Base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Json));

    private static IEnumerable<TestCaseData> Bodies()
    {
        yield return new TestCaseData(Form, "data=" + Escaped, null).SetArgDisplayNames("JSON in data");
        yield return new TestCaseData(Form, "e=" + Escaped.Replace("%20", "+", StringComparison.Ordinal) + "&v=2", null).SetArgDisplayNames("JSON in e, spaces as plus");
        yield return new TestCaseData(Form + "; charset=utf-8", "ip=1&data=" + Uri.EscapeDataString(Base64) + "&api_key=KEY", "KEY").SetArgDisplayNames("base64 in data, with the key");
        yield return new TestCaseData(Form, "data=" + Base64, null).SetArgDisplayNames("base64 that was not escaped");
        yield return new TestCaseData(Form, "data=" + Base64.TrimEnd('=').Replace('+', '-').Replace('/', '_'), null).SetArgDisplayNames("base64 of the other alphabet, without padding");
        yield return new TestCaseData("text/plain", "data=" + Escaped, null).SetArgDisplayNames("a form as text");
        yield return new TestCaseData("text/plain;charset=UTF-8", Json, null).SetArgDisplayNames("JSON as text");
        yield return new TestCaseData(Form, Json, null).SetArgDisplayNames("JSON that is called a form");
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task The_JSON_is_found(string type, string body, string? key)
    {
        var (found, fault) = await Read(type, Encoding.UTF8.GetBytes(body));
        using (found)
        {
            Assert.That(fault, Is.Null);
            Assert.That((Encoding.UTF8.GetString(found!.Written.Span), found.Key), Is.EqualTo((Json, key)));
        }
    }

    [TestCase("a=b&datum={}", "without the field data")]
    [TestCase("data", "without the field data")]
    [TestCase("data=%", "neither JSON")]
    [TestCase("data=%7", "neither JSON")]
    [TestCase("data=bm9uc2Vuc2U=", "neither JSON")]
    [TestCase("data=e30", null)]
    public async Task A_form_without_JSON_is_refused_with_what_is_missing(string body, string? words)
    {
        var (found, fault) = await Read(Form, Encoding.UTF8.GetBytes(body));
        found?.Dispose();
        Assert.That(fault?.Description, words is null ? Is.Null : Does.Contain(words));
    }

    [Test]
    public async Task A_beacon_may_be_gzip_without_saying_so()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("data=" + Uri.EscapeDataString(Base64)));
        var (found, _) = await Read("text/plain", packed.ToArray());
        using (found)
            Assert.That(Encoding.UTF8.GetString(found!.Written.Span), Is.EqualTo(Json));
        var (none, fault) = await Read("text/plain", packed.ToArray()[..^3]);
        none?.Dispose();
        Assert.That(fault?.Code, Is.EqualTo("truncated"));
    }

    [Test]
    public async Task A_long_value_comes_out_whole()
    {
        var json = $$"""{"a":"{{new string('%', 5000)}}"}""";
        var (found, _) = await Read(Form, Encoding.UTF8.GetBytes("data=" + Uri.EscapeDataString(json)));
        using (found)
            Assert.That(Encoding.UTF8.GetString(found!.Written.Span), Is.EqualTo(json));
    }

    private static Task<(BodyBuffer? Body, BodyFault? Fault)> Read(string type, byte[] body)
    {
        var request = new DefaultHttpContext().Request;
        (request.ContentType, request.Body, request.ContentLength) = (type, new MemoryStream(body), body.Length);
        return RequestBody.Read(request, 100_000, new BodyMemory(Options.Create(new IngestOptions())), CancellationToken.None);
    }
}
