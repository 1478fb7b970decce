using System.IO.Compression;
using Causality.Ingest.Receiving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Receiving;

/// <summary>Bodies share a bounded memory, whatever they are encoded with and however they end.</summary>
[TestFixture]
internal sealed class BodyMemoryTests
{
    private const int Limit = 400_000;

    private readonly BodyMemory _memory = new(Options.Create(new IngestOptions { ReadingBytes = 420_000 }));

    [TestCase(null), TestCase("gzip"), TestCase("br")]
    public async Task A_body_for_which_there_is_no_room_is_refused_and_gives_back_what_it_took(string? encoding)
    {
        var (body, fault) = await Read(new byte[350_000], encoding);
        body?.Dispose();
        Assert.That((fault, _memory.Taken), Is.EqualTo((BodyFault.NoMemory, 0)));
    }

    [Test]
    public async Task A_form_for_which_there_is_no_room_is_refused()
    {
        var (body, fault) = await Read([.. "data="u8, .. Enumerable.Repeat((byte)'a', 200_000)], null, "application/x-www-form-urlencoded");
        body?.Dispose();
        Assert.That((fault, _memory.Taken), Is.EqualTo((BodyFault.NoMemory, 0)));
    }

    [Test]
    public async Task Bodies_that_are_held_leave_no_room_and_when_they_are_done_there_is_room_again()
    {
        var (held, _) = await Read(new byte[100_000], "gzip");
        Assert.That(_memory.Taken, Is.GreaterThanOrEqualTo(100_000));
        Assert.That((await Read(new byte[200_000], null)).Fault, Is.EqualTo(BodyFault.NoMemory));
        held!.Dispose();
        held.Dispose();
        var (body, fault) = await Read(new byte[200_000], null);
        Assert.That((fault, body?.Length), Is.EqualTo(((BodyFault?)null, 200_000)));
        body!.Dispose();
        Assert.That(_memory.Taken, Is.Zero);
    }

    [Test]
    public async Task What_a_request_promises_takes_no_memory_until_it_arrives()
    {
        var request = Request(new byte[10], null, "application/json");
        request.ContentLength = Limit;
        var (body, _) = await RequestBody.Read(request, Limit, _memory, CancellationToken.None);
        Assert.That(_memory.Taken, Is.LessThanOrEqualTo(64 * 1024));
        body!.Dispose();
    }

    [Test]
    public async Task Too_large_is_said_of_what_is_beyond_the_limit_of_one_body()
    {
        var roomy = new BodyMemory(Options.Create(new IngestOptions()));
        var (_, fault) = await RequestBody.Read(Request(new byte[Limit + 1], null, "application/json", chunked: true), Limit, roomy, CancellationToken.None);
        Assert.That((fault, roomy.Taken), Is.EqualTo((BodyFault.TooLarge(Limit), 0)));
    }

    private Task<(BodyBuffer? Body, BodyFault? Fault)> Read(byte[] body, string? encoding, string type = "application/json") =>
        RequestBody.Read(Request(body, encoding, type), Limit, _memory, CancellationToken.None);

    private static HttpRequest Request(byte[] body, string? encoding, string type, bool chunked = false)
    {
        var packed = new MemoryStream();
        using (Stream into = encoding switch { "gzip" => new GZipStream(packed, CompressionLevel.Fastest, true), "br" => new BrotliStream(packed, CompressionLevel.Fastest, true), _ => new BufferedStream(packed) })
        {
            into.Write(body);
            into.Flush();
            if (encoding is null)
                packed = new MemoryStream(packed.ToArray());
        }
        packed.Position = 0;
        var request = new DefaultHttpContext().Request;
        (request.ContentType, request.Body, request.ContentLength, request.Headers.ContentEncoding) = (type, packed, chunked ? null : packed.Length, encoding);
        return request;
    }
}
