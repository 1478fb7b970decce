using Causality.EventStore.Schema;
using Causality.Host;
using Causality.Host.Demo;
using Causality.Lake.DuckDb;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;

try
{
    return args switch
    {
        ["serve", .. var rest] => await Serve.Run(rest),
        ["migrate", .. var rest] => await Commands.Migrate(rest),
        ["keys", .. var rest] => await Commands.Keys(rest),
        ["demo", .. var rest] => await Demo.Run(rest, CancellationToken.None),
        ["openapi"] => await Serve.PrintOpenApi(),
        ["failpoints"] => Commands.FailPoints(),
        _ => Commands.Help(args),
    };
}
catch (SettingsException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
catch (OptionsValidationException wrong)
{
    await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, wrong.Failures.Select(f => $"CAUSALITY_{wrong.OptionsType.Name.Replace("Options", "", StringComparison.Ordinal).ToUpperInvariant()}__…: {f}")));
    return 2;
}
catch (Exception away) when (away is MigrationException or NpgsqlException or DuckException or AddressInUseException or IOException { InnerException: AddressInUseException })
{
    await Console.Error.WriteLineAsync($"Causality cannot start: {away.Message}");
    return 1;
}
