using System.Security.Cryptography;
using System.Text;
using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Web.Accounts.Sessions;

/// <summary>
/// Signed double submit (OWASP, Cross-Site Request Forgery Prevention): a request that a cookie speaks for must repeat the token of the readable
/// cookie in a header, which only a page of this origin can, and the token is authenticated by data protection and names the session,
/// so that one from elsewhere is of no use.
/// </summary>
internal sealed class Antiforgery(IDataProtectionProvider protection)
{
    public const string Cookie = "causality_csrf", Header = "X-CSRF-Token";
    private const int MaxLength = 1_024;

    private readonly IDataProtector _protector = protection.CreateProtector("Causality.Antiforgery");

    /// <summary>The token of a session: the one that the browser has, where it is good, since other tabs are using it.</summary>
    public string Issue(HttpRequest request, Guid session) =>
        request.Cookies[Cookie] is { } known && Session(known, known) == session ? known : _protector.Protect(session.ToString());

    /// <summary>The session that the request's token is of; throws 403 where it has none, or one that was not issued here.</summary>
    public Guid Check(HttpRequest request)
    {
        if (request.Headers[Header] is not [{ Length: > 0 } sent])
            throw new RefusedException("csrf-token-missing", $"A request that a cookie signs in must repeat the cookie {Cookie} in the header {Header}.", StatusCodes.Status403Forbidden);
        return Session(sent, request.Cookies[Cookie]) ?? throw Invalid;
    }

    public static RefusedException Invalid =>
        new("csrf-token-invalid", $"The header {Header} is not the token of this session. Load the page again.", StatusCodes.Status403Forbidden);

    /// <summary>Asks for the token on every unsafe request to an endpoint that asks for sign-in, where a cookie signed it in.</summary>
    public static IApplicationBuilder Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!IsSafe(context.Request.Method) && context.User.Identity?.AuthenticationType == TokenAuthentication.ByCookie && context.GetEndpoint()?.Metadata.GetMetadata<Requirement>() is not null
            && context.RequestServices.GetRequiredService<Antiforgery>().Check(context.Request) != Actor.From(context.User)?.SessionId)
            throw Invalid;
        return next(context);
    });

    private Guid? Session(string sent, string? cookie)
    {
        if (cookie is null || sent.Length > MaxLength || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(cookie)))
            return null;
        try
        {
            return Guid.TryParse(_protector.Unprotect(sent), out var session) ? session : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
