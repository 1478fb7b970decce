namespace Causality.Host.Demo;

/// <summary>
/// Where the shop sells. The offset is the zone's standard time all year: it only shapes the daily rhythm, and a table of daylight
/// saving would make the history depend on the machine's zone data.
/// </summary>
internal sealed record Market(string Locale, string TimeZone, double UtcOffsetHours, double Share, string Currency, double PriceFactor, double Web, double Ios, double Android, string[] Carriers)
{
    public static Market[] All { get; } =
    [
        new("en-US", "America/New_York", -5, 0.24, "USD", 1, 0.44, 0.36, 0.20, ["Verizon", "AT&T", "T-Mobile"]),
        new("en-US", "America/Los_Angeles", -8, 0.14, "USD", 1, 0.42, 0.40, 0.18, ["Verizon", "AT&T", "T-Mobile"]),
        new("en-GB", "Europe/London", 0, 0.16, "GBP", 0.85, 0.48, 0.31, 0.21, ["EE", "O2", "Vodafone"]),
        new("de-DE", "Europe/Berlin", 1, 0.18, "EUR", 0.95, 0.55, 0.20, 0.25, ["Telekom", "Vodafone", "O2"]),
        new("fr-FR", "Europe/Paris", 1, 0.11, "EUR", 0.95, 0.50, 0.24, 0.26, ["Orange", "SFR", "Free"]),
        new("pt-BR", "America/Sao_Paulo", -3, 0.09, "BRL", 4.9, 0.36, 0.12, 0.52, ["Vivo", "Claro", "TIM"]),
        new("en-IN", "Asia/Kolkata", 5.5, 0.08, "INR", 62, 0.28, 0.08, 0.64, ["Jio", "Airtel"]),
    ];

    private static readonly double[] ByHour =
        [0.35, 0.20, 0.12, 0.09, 0.09, 0.15, 0.35, 0.60, 0.80, 0.90, 0.95, 1.00, 1.15, 1.10, 1.00, 0.98, 1.02, 1.15, 1.35, 1.60, 1.80, 1.75, 1.35, 0.80];

    private static readonly double[] FromSunday = [1.22, 1.06, 0.99, 0.96, 0.94, 0.86, 0.97];

    /// <summary>How busy the shop is here at this moment, relative to other moments and markets.</summary>
    public double Demand(long atMs)
    {
        var local = DateTimeOffset.FromUnixTimeMilliseconds(atMs).UtcDateTime.AddHours(UtcOffsetHours);
        return Share * ByHour[local.Hour] * FromSunday[(int)local.DayOfWeek];
    }
}
