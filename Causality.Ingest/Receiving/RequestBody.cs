using Causality.Ingest.Capture;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Causality.Ingest.Receiving;

/// <summary>Reads a whole request body into pooled memory, decoded and taken out of its form. The server's data-rate limit ends a body that trickles.</summary>
internal static class RequestBody
{
    // a byte in a chunk of its own takes six
    private const long FramingAtMost = 8;

    /// <summary>The body, or null and why not. The caller disposes of the buffer.</summary>
    public static async Task<(BodyBuffer? Body, BodyFault? Fault)> Read(HttpRequest request, int limit, BodyMemory memory, CancellationToken ct)
    {
        if (request.ContentLength > limit)
            return (null, BodyFault.TooLarge(limit));
        if (Encoding(request) is not { } encoding)
            return (null, BodyFault.Encoding("has several Content-Encodings; send one of gzip, br, zstd"));
        // counted here, chunked bodies too, and answered in this contract's words. The server's own bound holds for what it passes over after the
        // answer, and counts the framing of chunks
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = FramingAtMost * limit;

        var sent = new BodyBuffer(limit, (int)(request.ContentLength ?? 4096) + 1, memory);
        if (await Fill(sent, request.Body, ct) is { } fault)
        {
            sent.Dispose();
            return (null, fault);
        }
        // beacons cannot set headers, and send gzip without saying so; neither JSON nor protobuf begins like it
        if (encoding.Length == 0 && sent.Written.Span is [0x1f, 0x8b, ..])
            encoding = "gzip";
        var (plain, refused) = encoding.Length == 0 ? (sent, null) : Replace(sent, memory, 4, (body, into) => BodyEncoding.Decode(encoding, body.Written, into));
        return plain is null || !FormBody.Is(request, plain.Written.Span) ? (plain, refused) : Replace(plain, memory, 1, (form, into) => FormBody.Read(form.Written.Span, into));
    }

    private static (BodyBuffer? Body, BodyFault? Fault) Replace(BodyBuffer body, BodyMemory memory, int growth, Func<BodyBuffer, BodyBuffer, BodyFault?> read)
    {
        using (body)
        {
            var into = new BodyBuffer(body.Limit, growth * body.Length, memory);
            if (read(body, into) is not { } fault)
                return (into, null);
            into.Dispose();
            return (null, fault);
        }
    }

    /// <summary>Read up to the first <c>;</c> or space. What is not protobuf is JSON, whatever it says: beacons send text/plain.</summary>
    public static BodyFormat Format(HttpRequest request)
    {
        ReadOnlySpan<char> type = request.ContentType;
        type = type[..(type.IndexOfAny(';', ' ') is >= 0 and var end ? end : type.Length)];
        return type.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase) || type.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
            ? BodyFormat.Protobuf
            : BodyFormat.Json;
    }

    // empty for a plain body, null for more than one encoding
    private static string? Encoding(HttpRequest request)
    {
        var header = request.Headers.ContentEncoding;
        if (header.Count == 0)
            return "";
        var named = header.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.ToLowerInvariant()).Where(name => name != "identity").ToArray();
        return named switch { [] => "", [var one] => one, _ => null };
    }

    private static async Task<BodyFault?> Fill(BodyBuffer buffer, Stream body, CancellationToken ct)
    {
        try
        {
            while (await body.ReadAsync(buffer.Free(), ct) is > 0 and var read)
            {
                buffer.Advance(read);
                if (buffer.Fault is { } fault)
                    return fault;
            }
            return null;
        }
        catch (BadHttpRequestException slow) when (slow.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return new BodyFault(408, "slow", "arrived too slowly");
        }
        catch (BadHttpRequestException large) when (large.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BodyFault.TooLarge(buffer.Limit);
        }
        catch (BadHttpRequestException)
        {
            return new BodyFault(400, "truncated", "ended before all of it arrived");
        }
    }
}
