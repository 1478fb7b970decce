using System.Text.Json.Serialization;
using Causality.Web.Accounts.Oidc;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Mail;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts;

/// <summary>GET /api/v1/auth/options: what a page needs to know before anybody has signed in.</summary>
internal static class SignInOptions
{
    /// <param name="Registration">Whether an account can be had without an invitation.</param>
    /// <param name="Oidc">The provider by which one can sign in too; null for none.</param>
    /// <param name="Mail">Whether a link to a new password can be mailed.</param>
    public sealed record Response(RegistrationMode Registration, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Provider? Oidc, bool Mail, int MinPasswordLength);

    public sealed record Provider(string Name);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/options", Handle).WithName("sign-in-options").AllowAnonymous();

    internal static async Task<Ok<Response>> Handle(Newcomers newcomers, IMailer mailer, IOptions<OidcOptions> oidc, CancellationToken ct) => TypedResults.Ok(new Response(
        await newcomers.AreWelcome(ct) ? RegistrationMode.Open : RegistrationMode.Invited, oidc.Value.IsConfigured ? new Provider(oidc.Value.Name) : null, mailer.Configured, PasswordRules.MinLength));
}
