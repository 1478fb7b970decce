using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts.Oidc;

/// <summary>GET /api/v1/auth/oidc/start?back=/trends: sends the browser to the provider. <c>back</c> is the page of the app to go to afterwards.</summary>
internal static class StartOidc
{
    public const string CallbackPath = "/api/v1/auth/oidc/callback";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/oidc/start", Handle).WithName("start-oidc").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress)
            .Produces(StatusCodes.Status302Found).ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<RedirectHttpResult> Handle(HttpContext context, IOptions<OidcOptions> options, Provider provider, PendingSignIn pending, PublicAddress address, ILogger<Provider> log,
        CancellationToken ct, string? back = null)
    {
        if (!options.Value.IsConfigured)
            throw new RefusedException("oidc-off", "This installation has no other provider to sign in by.", StatusCodes.Status404NotFound);
        var sent = new Pending(Secret.Create(), Secret.Create(), Secret.Create(), OfApp(back));
        try
        {
            var document = await provider.Document(ct);
            pending.Keep(context, sent);
            return TypedResults.Redirect(QueryHelpers.AddQueryString(document.Authorization, new Dictionary<string, string?>
            {
                ["response_type"] = "code",
                ["client_id"] = options.Value.ClientId,
                ["redirect_uri"] = address.Of(context, CallbackPath).AbsoluteUri,
                ["scope"] = options.Value.Scopes,
                ["state"] = sent.State,
                ["nonce"] = sent.Nonce,
                ["code_challenge"] = sent.Challenge,
                ["code_challenge_method"] = "S256",
            }));
        }
        catch (OidcException failed)
        {
            log.OidcFailed(failed, failed.Code);
            return TypedResults.Redirect(Failure(failed.Code, sent.Back));
        }
    }

    /// <summary>The sign-in page, which says in words why it was come back to.</summary>
    public static string Failure(string code, string back) => QueryHelpers.AddQueryString("/app/sign-in", new Dictionary<string, string?> { ["failed"] = code, ["back"] = back });

    /// <summary>A path of the app and nothing else: who follows a link to here must not end at another site.</summary>
    public static string OfApp(string? back) =>
        back is ['/', ..] && (back.Length == 1 || back[1] is not ('/' or '\\')) && !back.Any(c => char.IsControl(c) || c == '\\') && back.Length <= 2_000 ? back : "/";
}

internal static partial class OidcLog
{
    [LoggerMessage(5131, LogLevel.Warning, "A sign-in by the provider failed with {Code}")]
    public static partial void OidcFailed(this ILogger log, Exception failed, string code);
}
