using System.Globalization;
using Causality.Contracts;
using Causality.Ingest.ApiKeys;
using Causality.Web;

namespace Causality.Host;

/// <summary>
/// What <c>./causality up</c> promises to exist: the administrator (<c>CAUSALITY_ADMIN_EMAIL</c>, <c>CAUSALITY_ADMIN_PASSWORD</c>) and the
/// first app with its key (<c>CAUSALITY_APP_ID</c>, <c>CAUSALITY_API_KEY</c>, and its own limits <c>CAUSALITY_API_KEY_EVENTS_PER_SECOND</c>, <c>CAUSALITY_API_KEY_BURST</c>).
/// Done at every start; changes nothing when it is there.
/// </summary>
internal static class Bootstrap
{
    public static async Task Run(IServiceProvider services, IConfiguration configuration)
    {
        try
        {
            Guid? organization = null;
            if (configuration["ADMIN_EMAIL"] is { Length: > 0 } email && configuration["ADMIN_PASSWORD"] is { Length: > 0 } password)
                organization = await WebModule.EnsureAdministrator(services, email, password, CancellationToken.None);
            if (configuration["APP_ID"] is { Length: > 0 } app && configuration["API_KEY"] is { Length: > 0 } key)
                await services.GetRequiredService<ApiKeyStore>().EnsureKey(app, organization, key, "first", Limit(configuration["API_KEY_EVENTS_PER_SECOND"]), Limit(configuration["API_KEY_BURST"]), CancellationToken.None);
        }
        catch (RefusedException refused)
        {
            throw new SettingsException($"CAUSALITY_APP_ID or CAUSALITY_API_KEY: {refused.Message}");
        }
    }

    private static int? Limit(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null;
}
