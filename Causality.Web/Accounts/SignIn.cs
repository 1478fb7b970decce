using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Causality.Web.Accounts.Oidc;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Accounts.Sessions;
using Causality.Web.Accounts.Tokens;
using Causality.Web.Mail;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts;

/// <summary>How people sign in, and how each request tells who asks.</summary>
internal static class SignIn
{
    /// <summary>The rate limit, per address or network of one customer, of whatever tries passwords and tokens, or sends mail.</summary>
    public const string PerAddress = "sign-in";

    // OWASP's figure for PBKDF2 with HMAC-SHA-512, the framework's algorithm (Password Storage Cheat Sheet)
    private const int PasswordIterations = 210_000;
    private static readonly TimeSpan ProviderPatience = TimeSpan.FromSeconds(10);
    private const int MaxProviderAnswer = 1_048_576;

    public static void AddSignIn(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("causality");
        services.AddOptions<KeyManagementOptions>().Configure<SharedKeys>((options, keys) => options.XmlRepository = keys);
        services.AddSingleton<SharedKeys>();
        services.AddOptions<AccountsOptions>().BindConfiguration("Accounts").ValidateDataAnnotations().ValidateOnStart();

        services.AddAuthentication(TokenAuthentication.Name).AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.Name, null);
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<ISigningKeys>(s => s.GetRequiredService<SigningKeys>());
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SessionTable>();
        services.AddSingleton<SessionCookies>();
        services.AddSingleton<SessionIssuer>();
        services.AddSingleton<Antiforgery>();

        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordIterations);
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddSingleton<UserTable>();
        services.AddSingleton<PasswordHashes>();
        services.AddSingleton<PasswordTable>();
        services.AddSingleton<SignInDelay>();
        services.AddSingleton<Newcomers>();
        services.AddSingleton<AccountTrail>();
        services.AddHostedService<CleanUp>();
        AddMail(services);
        AddOidc(services);
        AddLimits(services);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/v1/auth").WithTags("Accounts").AddEndpointFilter((call, next) =>
        {
            call.HttpContext.Response.Headers.CacheControl = "no-store";   // tokens and people are in it
            return next(call);
        });
        SignInOptions.Map(auth);
        Register.Map(auth);
        Login.Map(auth);
        Refresh.Map(auth);
        Logout.Map(auth);
        Me.Map(auth);
        OwnSessions.Map(auth);
        ChangePassword.Map(auth);
        AskPasswordReset.Map(auth);
        CompletePasswordReset.Map(auth);
        StartOidc.Map(auth);
        FinishOidc.Map(auth);
    }

    private static void AddMail(IServiceCollection services)
    {
        services.AddOptions<SmtpOptions>().BindConfiguration("Smtp").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<SmtpOptions>, SmtpChecks>();
        services.AddSingleton<SmtpMailer>();
        services.AddSingleton<IMailer>(s => s.GetRequiredService<SmtpMailer>());
        services.AddHostedService(s => s.GetRequiredService<SmtpMailer>());
        services.AddSingleton<PasswordResetMails>();
        services.AddHostedService(s => s.GetRequiredService<PasswordResetMails>());
    }

    private static void AddOidc(IServiceCollection services)
    {
        services.AddOptions<OidcOptions>().BindConfiguration("Oidc").ValidateOnStart();
        services.AddSingleton<IValidateOptions<OidcOptions>, OidcChecks>();
        services.AddSingleton(s => new Provider(s.GetRequiredService<IOptions<OidcOptions>>(),
            new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            {
                Timeout = ProviderPatience,
                MaxResponseContentBufferSize = MaxProviderAnswer,
            }, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PendingSignIn>();
        services.AddSingleton<ExternalLogins>();
        services.AddSingleton<OidcSignIn>();
    }

    private static void AddLimits(IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                ? Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture) : "60";
            return ValueTask.CompletedTask;
        };
        limiter.AddPolicy(PerAddress, context => RateLimitPartition.GetFixedWindowLimiter(Network(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = context.RequestServices.GetRequiredService<IOptions<AccountsOptions>>().Value.TriesPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));
    });

    /// <summary>An address of IPv4, or the /64 of IPv6, which is what one customer has: its 2^64 addresses would be as many limits.</summary>
    internal static string Network(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        _ => address.ToString(),
    };
}
