using System.Globalization;

namespace Causality.Host.Demo;

/// <summary>What the command line and the environment ask for.</summary>
internal sealed record DemoOptions(HistoryOptions History, Uri Url, string Key)
{
    /// <summary>Answers null and what is wrong when the command line cannot be followed.</summary>
    public static DemoOptions? Read(string[] args, Func<string, string?> environment, DateTimeOffset now, out string wrong)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--events" or "--days" or "--seed" or "--until" or "--url" or "--key" or "--app") || i + 1 == args.Length)
                return Refuse($"{args[i]} is not an option, or has no value.", out wrong);
            given[args[i]] = args[i + 1];
        }
        if (!Number(given, "--events", 200_000, 1, 1_000_000_000, out var events) || !Number(given, "--days", 90, 1, 3_650, out var days)
            || !Number(given, "--seed", 1, long.MinValue, long.MaxValue, out var seed))
            return Refuse("--events (1 to 1,000,000,000), --days (1 to 3,650) and --seed are whole numbers.", out wrong);
        var until = now;
        if (given.TryGetValue("--until", out var text)
            && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out until))
            return Refuse($"--until {text} is not a date.", out wrong);
        if (until > now)
            return Refuse($"--until {text} lies in the future, and so would the events.", out wrong);
        until = new DateTimeOffset(until.UtcTicks - until.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

        var url = given.GetValueOrDefault("--url") ?? environment("CAUSALITY_URL") ?? "http://127.0.0.1:8080";
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return Refuse($"--url {url} is not an http address.", out wrong);
        if ((given.GetValueOrDefault("--key") ?? environment("CAUSALITY_API_KEY")) is not { Length: > 0 } key)
            return Refuse("There is no API key: give --key or set CAUSALITY_API_KEY.", out wrong);
        var app = given.GetValueOrDefault("--app") ?? environment("CAUSALITY_APP_ID") ?? "";
        wrong = "";
        return new DemoOptions(new HistoryOptions(events, (int)days, seed, until, app), address, key);
    }

    private static bool Number(Dictionary<string, string> given, string name, long otherwise, long least, long most, out long value)
    {
        value = otherwise;
        return !given.TryGetValue(name, out var text)
            || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);
    }

    private static DemoOptions? Refuse(string reason, out string wrong)
    {
        wrong = reason;
        return null;
    }
}
