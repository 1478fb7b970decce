using System.IO.Compression;
using System.Text;
using Causality.Ingest.Receiving;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Receiving;

[TestFixture]
internal sealed class BodyEncodingTests
{
    private const int Limit = 100_000;

    // "Causality " thirty times, and one million zero bytes, as libzstd writes them with a checksum; and a byte in a frame that asks for 128 MB of window
    private const string ZstdText = "KLUv/WQsAI0AAFBDYXVzYWxpdHkgAQAfVQsSRaQhcA==";
    private const string ZstdBomb = "KLUv/aRAQg8AVAAAEAAAAQD7/znAAgIAEAACABAAAgAQAAIAEAACABAAAgAQAAMSCgDMrso5";
    private const string ZstdHugeWindow = "KLUv/QCICQAAeA==";

    private static readonly BodyMemory Memory = new(Microsoft.Extensions.Options.Options.Create(new IngestOptions()));
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Causality ", 30)));

    [TestCase("gzip"), TestCase("x-gzip"), TestCase("br"), TestCase("zstd")]
    public void A_body_comes_out_as_it_went_in(string encoding)
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode(encoding, Encode(encoding, Text), decoded), Is.Null);
        Assert.That(decoded.Written.ToArray(), Is.EqualTo(Text));
    }

    [TestCase("gzip"), TestCase("br"), TestCase("zstd")]
    public void A_bomb_is_stopped_at_the_limit(string encoding)
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        var fault = BodyEncoding.Decode(encoding, Encode(encoding, new byte[1_000_000]), decoded);
        Assert.That(fault, Is.EqualTo(BodyFault.TooLarge(Limit)));
        Assert.That(decoded.Length, Is.LessThanOrEqualTo(Limit + 1));
    }

    [Test]
    public void A_body_of_just_the_limit_passes_and_one_byte_more_does_not([Values("gzip", "br", "zstd")] string encoding)
    {
        var body = Encode(encoding, Text);
        using var enough = new BodyBuffer(Text.Length, 16, Memory);
        using var tooSmall = new BodyBuffer(Text.Length - 1, 16, Memory);
        Assert.That(BodyEncoding.Decode(encoding, body, enough), Is.Null);
        Assert.That(BodyEncoding.Decode(encoding, body, tooSmall)?.Status, Is.EqualTo(413));
    }

    [Test]
    public void A_body_cut_off_anywhere_is_refused([Values("gzip", "br", "zstd")] string encoding)
    {
        var body = Encode(encoding, Text);
        for (var length = 0; length < body.Length; length++)
        {
            using var decoded = new BodyBuffer(Limit, 16, Memory);
            Assert.That(BodyEncoding.Decode(encoding, body.AsMemory(0, length), decoded)?.Status, Is.EqualTo(400), $"{length} of {body.Length} bytes");
        }
    }

    [Test]
    public void A_body_in_another_encoding_than_it_says_is_refused([Values("gzip", "br", "zstd")] string encoding)
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode(encoding, "{\"events\":[]}"u8.ToArray(), decoded)?.Status, Is.EqualTo(400));
    }

    [Test]
    public void Several_gzip_members_are_one_body_within_one_bound()
    {
        byte[] members = [.. Encode("gzip", Text), .. Encode("gzip", []), .. WithName(Encode("gzip", Text)), .. Encode("gzip", Text[..7])];
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", members, decoded), Is.Null);
        Assert.That(decoded.Written.ToArray(), Is.EqualTo((byte[])[.. Text, .. Text, .. Text[..7]]));

        using var tooSmall = new BodyBuffer((2 * Text.Length) + 6, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", members, tooSmall)?.Status, Is.EqualTo(413));
    }

    [Test]
    public void Long_gzip_members_are_told_apart_to_the_byte()
    {
        var noise = new byte[70_001];
        new Random(3).NextBytes(noise);
        byte[] members = [.. Encode("gzip", noise[..20_001]), .. Encode("gzip", noise[20_001..])];
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", members, decoded), Is.Null);
        Assert.That(decoded.Written.ToArray(), Is.EqualTo(noise));
        using var cut = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", members.AsMemory(..^1), cut)?.Code, Is.EqualTo("truncated"));
    }

    [Test]
    public void A_body_of_several_gzip_members_cut_off_anywhere_but_between_them_is_refused()
    {
        byte[] first = Encode("gzip", Text), members = [.. first, .. Encode("gzip", Text[..50])];
        for (var length = 0; length < members.Length; length++)
        {
            using var decoded = new BodyBuffer(Limit, 16, Memory);
            Assert.That(BodyEncoding.Decode("gzip", members.AsMemory(0, length), decoded)?.Status, length == first.Length ? Is.Null : Is.EqualTo(400), $"{length} of {members.Length} bytes");
        }
    }

    [Test]
    public void What_follows_the_last_gzip_member_is_refused_and_so_are_members_without_end()
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", (byte[])[.. Encode("gzip", Text), 1, 2, 3], decoded)?.Status, Is.EqualTo(400));
        using var many = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("gzip", Enumerable.Repeat(Encode("gzip", Text[..1]), 1001).SelectMany(m => m).ToArray(), many)?.Status, Is.EqualTo(400));
    }

    [Test]
    public void Two_zstd_frames_are_one_body()
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        byte[] frame = Encode("zstd", Text);
        Assert.That(BodyEncoding.Decode("zstd", (byte[])[.. frame, .. frame], decoded), Is.Null);
        Assert.That(decoded.Length, Is.EqualTo(2 * Text.Length));
    }

    [Test]
    public void A_zstd_frame_may_not_ask_for_more_window_than_8_megabytes()
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("zstd", Convert.FromBase64String(ZstdHugeWindow), decoded), Is.EqualTo(BodyFault.Corrupt("zstd")));
    }

    [Test]
    public void An_unknown_encoding_is_refused_by_name()
    {
        using var decoded = new BodyBuffer(Limit, 16, Memory);
        Assert.That(BodyEncoding.Decode("compress", Text, decoded)?.Status, Is.EqualTo(415));
    }

    private static byte[] Encode(string encoding, byte[] body)
    {
        if (encoding == "zstd")
            return Convert.FromBase64String(body.Length == Text.Length ? ZstdText : ZstdBomb);
        using var into = new MemoryStream();
        using (Stream stream = encoding == "br" ? new BrotliStream(into, CompressionLevel.Optimal) : new GZipStream(into, CompressionLevel.Optimal))
            stream.Write(body);
        return into.ToArray();
    }

    // the same member with the name of a file in its header
    private static byte[] WithName(byte[] member) => [.. member[..3], 8, .. member[4..10], .. "events.json\0"u8, .. member[10..]];
}
