using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts.Oidc;

/// <summary>A provider of OpenID Connect by which people may sign in too, <c>CAUSALITY_OIDC__…</c>; without <see cref="Authority"/> there is none.</summary>
public sealed class OidcOptions
{
    /// <summary>The provider's issuer, such as <c>https://example.okta.com</c>; its discovery document lies below it.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The id under which Causality is registered there, with the redirect address <c>CAUSALITY_URL/api/v1/auth/oidc/callback</c>.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The client's secret; empty for a public client.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>What the button on the sign-in page calls the provider.</summary>
    public string Name { get; set; } = "OpenID Connect";

    /// <summary>What is asked for, separated by spaces; <c>openid</c> must be among it, and the e-mail must come of it.</summary>
    public string Scopes { get; set; } = "openid email profile";

    internal bool IsConfigured => Authority.Length > 0;
}

internal sealed class OidcChecks : IValidateOptions<OidcOptions>
{
    public ValidateOptionsResult Validate(string? name, OidcOptions options)
    {
        if (!options.IsConfigured)
            return ValidateOptionsResult.Success;
        var failures = new List<string>();
        if (!Provider.IsSafe(options.Authority))
            failures.Add("CAUSALITY_OIDC__AUTHORITY must begin with https://; http:// is for providers on this machine only.");
        if (options.ClientId.Length == 0)
            failures.Add("CAUSALITY_OIDC__CLIENTID must be the id under which Causality is registered at the provider.");
        if (!options.Scopes.Split(' ').Contains("openid"))
            failures.Add("CAUSALITY_OIDC__SCOPES must have openid among them.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
