using System.Net;
using Causality.Contracts;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary>Where people and apps reach this installation: what links and snippets begin with.</summary>
/// <param name="setting"><c>CAUSALITY_URL</c>; null where it is not set.</param>
public sealed class PublicAddress(Uri? setting)
{
    /// <summary>
    /// A path of this installation, by the setting, else by the scheme and host that the request was sent to. The second is whatever the asker wrote: good
    /// enough for a link that is shown to that asker, not for one that is mailed to somebody else, for which there is <see cref="Known"/>.
    /// </summary>
    public Uri Of(HttpContext context, string path)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (setting is not null)
            return new Uri(setting, path);
        return Uri.TryCreate($"{context.Request.Scheme}://{context.Request.Host}", UriKind.Absolute, out var asked) ? new Uri(asked, path)
            : throw new RefusedException("host-invalid", "No link can be made with the host that the request names. Send it to the address of this installation.", StatusCodes.Status400BadRequest);
    }

    /// <summary>A path of this installation by the setting; null where nobody has told it.</summary>
    public Uri? Known(string path) => setting is null ? null : new Uri(setting, path);

    /// <summary>Whether cookies may be sent without TLS: only to this machine itself, where there is none to listen in between.</summary>
    public bool IsPlainLoopback(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return setting?.Scheme != Uri.UriSchemeHttps && !request.IsHttps && IsLoopback(request.Host.Host);
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
