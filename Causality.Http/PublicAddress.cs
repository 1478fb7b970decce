using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary>Where people and apps reach this installation: what links and snippets begin with.</summary>
/// <param name="setting"><c>CAUSALITY_URL</c>; null where it is not set.</param>
public sealed class PublicAddress(Uri? setting)
{
    /// <summary>
    /// The setting, else the scheme and host that the request was sent to. The second is whatever the asker wrote: good enough for a link that
    /// is shown to that asker, not for one that is mailed to somebody else, for which there is <see cref="Known"/>.
    /// </summary>
    public Uri Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return setting ?? new Uri($"{context.Request.Scheme}://{context.Request.Host}");
    }

    /// <summary>The setting; null where nobody has told it.</summary>
    public Uri? Known => setting;
}
