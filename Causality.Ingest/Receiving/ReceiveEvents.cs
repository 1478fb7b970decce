using System.Globalization;
using Causality.Contracts.Events;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Capture;
using Causality.Ingest.Limits;
using Causality.Ingest.Publishing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Receiving;

/// <summary>
/// One request of events, from key to verdicts: key, origin, limit, body, capture, limit by events, publish, answer. 200 is said only
/// when broker or spool holds the events on disk. Refusals: 400 violations, 401, 403 for the origin of a page, 429 and 503 with Retry-After, 413 for clients of protocol 2, 415.
/// </summary>
internal sealed class ReceiveEvents(
    ApiKeyCache keys, KeyUses uses, KeyLimits keyLimits, AddressLimits addressLimits, EventCapture capture, EventPublisher publisher,
    BodyMemory memory, IOptions<IngestOptions> options, TimeProvider clock, IngestMetrics metrics)
{
    private static readonly TimeSpan RetryUnavailable = TimeSpan.FromSeconds(2);
    private readonly int _maxBody = options.Value.MaxBodyBytes;

    public async Task Handle(HttpContext http, RequestShape shape)
    {
        var presented = PresentedKey.Of(http.Request);
        BodyBuffer? body = null;
        BodyFault? fault = null;
        try
        {
            if (presented is null && (shape.IsFlat() || shape.IsSegment() || FormBody.IsSaid(http.Request)))
            {
                // only to look for the key, and not for an address that has been guessing
                if (!addressLimits.HasRoom(http.Connection.RemoteIpAddress, out var guessing))
                {
                    await OverLimit(http, guessing);
                    return;
                }
                (body, fault) = await RequestBody.Read(http.Request, _maxBody, memory, http.RequestAborted);
                presented = body is null ? null : PresentedKey.In(body, shape);
            }
            if (await Authenticate(http, presented) is not { } key)
                return;
            if (!Cors.Decide(http, key.AllowedOrigins))
            {
                metrics.Refused("origin");
                await http.Response.Refuse(StatusCodes.Status403Forbidden, Cors.Refusal);
                return;
            }
            if (!keyLimits.HasRoom(key, out var wait))
            {
                await OverLimit(http, wait);
                return;
            }
            if (body is null)
                (body, fault) = await RequestBody.Read(http.Request, _maxBody, memory, http.RequestAborted);
            await (fault is null ? Receive(http, key, body!, shape, Protocol(http.Request)) : Refuse(http, fault));
        }
        finally
        {
            body?.Dispose();
        }
    }

    private Task Refuse(HttpContext http, BodyFault fault)
    {
        if (fault.Status is StatusCodes.Status503ServiceUnavailable)
        {
            metrics.Refused("unavailable");
            return http.Response.Refuse(fault.Status, "the body " + fault.Description, RetryUnavailable);
        }
        metrics.Refused("invalid");
        // old clients cannot split a batch, and only 400 is sure to be understood
        return http.Response.Refuse(fault.Status is StatusCodes.Status413PayloadTooLarge && Protocol(http.Request) < 2 ? StatusCodes.Status400BadRequest : fault.Status,
            [new Violation("body", fault.Description, fault.Code)]);
    }

    private async Task Receive(HttpContext http, ValidKey key, BodyBuffer body, RequestShape shape, int protocol)
    {
        metrics.Received(body.Length);
        var receivedAt = clock.GetUtcNow();
        var format = RequestBody.Format(http.Request);
        var events = new EventBatchWriter(Math.Max(1024, body.Length));
        var published = false;
        try
        {
            var client = new ClientInfo(http.Request.Headers.UserAgent, http.Connection.RemoteIpAddress, key.Rules);
            var result = capture.Capture(body.Written, format, shape, key.AppId, receivedAt, client, events);
            body.Dispose();   // nothing points into it, and the broker may take its time
            if (result.Violations.Count > 0)
            {
                metrics.Refused("invalid");
                await http.Response.Refuse(StatusCodes.Status400BadRequest, result.Violations);
                return;
            }
            if (!keyLimits.TryTake(key, result.AcceptedCount + result.RejectedCount, out var wait))
            {
                await OverLimit(http, wait);
                return;
            }
            published = events.Count > 0;
            if (published && !await publisher.Publish(new CapturedBatch(key.AppId, receivedAt, result.Hours, events)))
            {
                metrics.Refused("unavailable");
                await http.Response.Refuse(StatusCodes.Status503ServiceUnavailable, "events cannot be stored at the moment", RetryUnavailable);
                return;
            }
            metrics.Accepted(result.AcceptedCount);
            metrics.Rejected(result.RejectedCount);
            await http.Response.Answer(format, shape, result, protocol);
        }
        finally
        {
            // the publisher owns what it was given
            if (!published)
                events.Dispose();
        }
    }

    /// <summary>The valid key, or null when the request has been answered.</summary>
    private async Task<ValidKey?> Authenticate(HttpContext http, string? presented)
    {
        var answer = new Answer(KeyVerdict.Invalid, null);
        if (presented is not null && KeyText.IsWellFormed(presented))
        {
            var hash = KeyHash.Of(presented);
            if (!keys.TryAnswer(hash, out answer))
            {
                // who has been guessing may not make the database guess along
                if (!keys.WasValid(hash) && !addressLimits.HasRoom(http.Connection.RemoteIpAddress, out var wait))
                {
                    await OverLimit(http, wait);
                    return null;
                }
                answer = await keys.Answer(hash, http.RequestAborted);
            }
        }
        switch (answer.Verdict)
        {
            case KeyVerdict.Valid:
                uses.Seen(answer.Key!.Id);
                return answer.Key;
            case KeyVerdict.Unknown:
                metrics.Refused("unavailable");
                await http.Response.Refuse(StatusCodes.Status503ServiceUnavailable, "API keys cannot be checked at the moment", RetryUnavailable);
                return null;
            default:
                if (!addressLimits.TryTake(http.Connection.RemoteIpAddress, out var retryAfter))
                    await OverLimit(http, retryAfter);
                else
                {
                    metrics.Refused("unauthorized");
                    await http.Response.Refuse(StatusCodes.Status401Unauthorized, presented is null ? "missing API key" : "invalid API key");
                }
                return null;
        }
    }

    private Task OverLimit(HttpContext http, TimeSpan wait)
    {
        metrics.Refused("rate_limited");
        return http.Response.Refuse(StatusCodes.Status429TooManyRequests, "rate limit exceeded", wait);
    }

    private static int Protocol(HttpRequest request) =>
        int.TryParse(request.Headers["Causality-Protocol"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var protocol) ? protocol : 1;
}
