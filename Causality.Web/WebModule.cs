using Causality.Http;
using Causality.Web.Accounts;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Accounts.Sessions;
using Causality.Web.Audit;
using Causality.Web.Organizations;
using Causality.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Web;

/// <summary>People and pages: sign-in, and the app.</summary>
public static class WebModule
{
    /// <summary>What every role needs to know who is asking.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSignIn();
        services.AddOrganizations();
        services.AddAudit();
        return services;
    }

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        SignIn.Map(routes);
        routes.MapOrganizations();
        routes.MapAudit();
    }

    /// <summary>Keeps what people are refused; stands around what refuses them.</summary>
    public static void UseAuditOfRefusals(this IApplicationBuilder app) => app.UseMiddleware<AuditOfRefusals>();

    /// <summary>Refuses what a cookie signs in and another site may have sent; stands between authentication and the endpoints.</summary>
    public static void UseAntiforgeryTokens(this IApplicationBuilder app) => Antiforgery.Use(app);

    /// <summary>Serves the files of the app that was built into <paramref name="folder"/>; stands before routing.</summary>
    public static void UseAppFiles(this IApplicationBuilder app, string? folder) => AppPage.UseAppFiles(app, folder);

    /// <summary>Answers every page of the app that was built into <paramref name="folder"/>.</summary>
    public static void MapApp(this IEndpointRouteBuilder routes, string? folder) => AppPage.Map(routes, folder);

    /// <summary>
    /// Makes sure that the installation's administrator can sign in with this password, and is an admin of an organization; answers whose. What it
    /// has to change for that is in the audit log first.
    /// </summary>
    public static async Task<Guid> EnsureAdministrator(IServiceProvider services, string email, string password, CancellationToken ct)
    {
        var (users, passwords, organizations) = (services.GetRequiredService<UserTable>(), services.GetRequiredService<PasswordHashes>(), services.GetRequiredService<FirstOrganization>());
        var known = await users.Find(email, ct);
        if (known is { Administrator: true } && await passwords.Verify(known, password, ct))
            return await organizations.Ensure(known.Id, "My organization", ct);
        await services.GetRequiredService<IAuditTrail>().Record(new AuditEntry("administrator-set", $"account/{EmailAddress.Normalize(email)}", ActorId: "system:start",
            Changes: [new("administrator", known?.Administrator.ToString().ToLowerInvariant(), "true"), new("password", null, "set")]), ct);
        return await organizations.Ensure(await users.EnsureAdministrator(email, passwords.Hash(password), ct), "My organization", ct);
    }
}
