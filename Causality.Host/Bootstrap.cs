using System.Globalization;
using Causality.Contracts;
using Causality.EventStore.Streams;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Web;
using Npgsql;

namespace Causality.Host;

/// <summary>
/// What <c>./causality up</c> promises to exist: the administrator (<c>CAUSALITY_ADMIN_EMAIL</c>, <c>CAUSALITY_ADMIN_PASSWORD</c>) and the
/// first app with its key (<c>CAUSALITY_APP_ID</c>, <c>CAUSALITY_API_KEY</c>, and its own limits <c>CAUSALITY_API_KEY_EVENTS_PER_SECOND</c>, <c>CAUSALITY_API_KEY_BURST</c>).
/// Done at every start; changes nothing when it is there. Apps and keys of a version that kept no history are given one, in the first organization.
/// </summary>
internal static class Bootstrap
{
    public static async Task Run(IServiceProvider services, IConfiguration configuration)
    {
        try
        {
            var apps = services.GetRequiredService<AppSetup>();
            Guid? organization = null;
            if (configuration["ADMIN_EMAIL"] is { Length: > 0 } email && configuration["ADMIN_PASSWORD"] is { Length: > 0 } password)
                organization = await WebModule.EnsureAdministrator(services, email, password, CancellationToken.None);
            organization ??= await Organizations.First(services.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None);
            var origin = new FactOrigin("system:start", Tenant: organization?.ToString());
            await apps.Adopt(organization, origin, CancellationToken.None);
            if (configuration["APP_ID"] is { Length: > 0 } app && configuration["API_KEY"] is { Length: > 0 } key)
                await apps.EnsureKey(app, organization, key, "first", new ApiKeyLimits(Limit(configuration["API_KEY_EVENTS_PER_SECOND"]), Limit(configuration["API_KEY_BURST"])), origin, CancellationToken.None);
        }
        catch (RefusedException refused)
        {
            throw new SettingsException($"CAUSALITY_APP_ID or CAUSALITY_API_KEY: {refused.Message}");
        }
    }

    private static int? Limit(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null;
}
