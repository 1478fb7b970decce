using Causality.Web.Accounts;
using Causality.Web.Audit;
using Causality.Web.Organizations;
using Causality.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Web;

/// <summary>People and pages: sign-in, and the app.</summary>
public static class WebModule
{
    // OWASP's figure for PBKDF2 with HMAC-SHA-512, the framework's algorithm (Password Storage Cheat Sheet)
    private const int PasswordIterations = 210_000;

    /// <summary>What every role needs to know who is asking.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordIterations);
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<UserTable>();
        services.AddSignIn();
        services.AddSingleton<IPasswordResets, PasswordResets>();
        services.AddOrganizations();
        services.AddAudit();
        return services;
    }

    /// <summary>Keeps what people are refused; stands around what refuses them.</summary>
    public static IApplicationBuilder UseAuditOfRefusals(this IApplicationBuilder app) => app.UseMiddleware<AuditOfRefusals>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/v1/auth").WithTags("Accounts");
        Login.Map(auth);
        Logout.Map(auth);
        Me.Map(auth);
        routes.MapOrganizations();
        routes.MapAudit();
    }

    /// <summary>Serves the files of the app that was built into <paramref name="folder"/>; stands before routing.</summary>
    public static void UseAppFiles(this IApplicationBuilder app, string? folder) => AppPage.UseAppFiles(app, folder);

    /// <summary>Answers every page of the app that was built into <paramref name="folder"/>.</summary>
    public static void MapApp(this IEndpointRouteBuilder routes, string? folder) => AppPage.Map(routes, folder);

    /// <summary>Makes sure that the installation's administrator can sign in with this password, and is an admin of an organization; answers whose.</summary>
    public static async Task<Guid> EnsureAdministrator(IServiceProvider services, string email, string password, CancellationToken ct)
    {
        var administrator = await services.GetRequiredService<UserTable>().Ensure(email, password, ct);
        return await services.GetRequiredService<FirstOrganization>().Ensure(administrator, "My organization", ct);
    }
}
