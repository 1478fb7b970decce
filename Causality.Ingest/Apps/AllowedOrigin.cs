namespace Causality.Ingest.Apps;

/// <summary>
/// A pattern for the origins of web pages that may send: <c>https://shop.example.com</c>, <c>https://*.example.com</c>, <c>http://localhost:3000</c>.
/// Written as browsers write an origin: in lower case, other alphabets as Punycode, without the port that the scheme has anyway.
/// </summary>
internal static class AllowedOrigin
{
    /// <summary>How many an app may have.</summary>
    public const int Most = 50;

    private const int LongestText = 300;
    private const string AnySubdomain = "*.";

    /// <summary>Whether an app with this list takes events of a page of this origin; a list without any takes all.</summary>
    public static bool Allows(IReadOnlyList<string> allowed, string origin) => allowed.Count == 0 || allowed.Any(pattern => Matches(pattern, origin));

    // the port is part of both; a wildcard is for at least one more label, however many there are
    private static bool Matches(string pattern, string origin)
    {
        if (pattern.IndexOf(AnySubdomain, StringComparison.Ordinal) is not (> 0 and var at))
            return origin.Equals(pattern, StringComparison.OrdinalIgnoreCase);
        var scheme = pattern.AsSpan(0, at);
        var domain = pattern.AsSpan(at + 1);
        return origin.Length > scheme.Length + domain.Length
            && origin.AsSpan().StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && origin.AsSpan().EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            && !origin.AsSpan(scheme.Length).ContainsAny("/@");
    }

    /// <summary>The origin in its one form, or null and what is wrong with it.</summary>
    public static (string? Origin, string? Problem) Read(string? text)
    {
        if (text is not { Length: > 0 and <= LongestText })
            return (null, $"must have 1 to {LongestText} characters");
        var (scheme, rest) = text.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 3)..]) : ("", text);
        if (!scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && !scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return (null, "must begin with http:// or https://");
        if (rest.AsSpan().ContainsAny("/?#\\"))
            return (null, "must end after the host and port, without a path");
        var wildcard = rest.StartsWith(AnySubdomain, StringComparison.Ordinal) ? AnySubdomain : "";
        rest = rest[wildcard.Length..];
        if (rest.Contains('*', StringComparison.Ordinal))
            return (null, "may have * only as the first part of its host, as in https://*.example.com; leave the list empty to allow every origin");
        if (rest.AsSpan().ContainsAny("@% \t\0") || !Uri.TryCreate($"{scheme}://{rest}", UriKind.Absolute, out var uri)
            || uri.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6) || uri.Port == 0)
            return (null, "has no valid host or port");
        if (wildcard.Length > 0 && uri.HostNameType != UriHostNameType.Dns)
            return (null, "may have * only before a domain, not before an address");
        string host;
        try
        {
            host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        }
        catch (UriFormatException)
        {
            return (null, "has no valid host or port");   // only on the way to Punycode it is found to be none
        }
        return ($"{uri.Scheme}://{wildcard}{host}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}", null);
    }
}
