using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>The dashboards and alert rules that are shipped ask for metrics and labels that a host really has.</summary>
[TestFixture]
internal sealed partial class DashboardTests : OnRealServers
{
    /// <summary>What Prometheus itself adds.</summary>
    private static readonly string[] OfPrometheus = ["up"];

    private static readonly string[] Words = ["by", "without", "on", "ignoring", "and", "or", "unless", "bool", "offset", "group_left", "group_right"];

    private static readonly string Infra = Path.Combine(Root(), "infra");

    private static IEnumerable<TestCaseData> Queries =>
        Directory.EnumerateFiles(Path.Combine(Infra, "grafana", "dashboards"), "*.json").SelectMany(file =>
                JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("panels").EnumerateArray()
                    .SelectMany(panel => panel.GetProperty("targets").EnumerateArray().Select(target => (Where: $"{Path.GetFileName(file)}: {panel.GetProperty("title")}", Query: target.GetProperty("expr").GetString()!))))
            .Concat(Alerts().Matches(File.ReadAllText(Path.Combine(Infra, "prometheus", "alerts.yml"))).Select(m => (Where: $"alerts.yml: {m.Groups[1].Value}", Query: m.Groups[2].Value)))
            .Select(q => new TestCaseData(q.Query).SetArgDisplayNames($"{q.Where}: {q.Query}"));

    private HashSet<string> _names = [];

    [OneTimeSetUp]
    public async Task Scrape()
    {
        await using var host = await World.Start();
        await host.Client.SignIn();
        await host.Client.Accept(Sent.Some(100, DateTimeOffset.UtcNow));
        using (var refused = await host.Client.Post("/v1/events/batch", "{", "no-key"))
            Assert.That((int)refused.StatusCode, Is.EqualTo(401));
        // a flush is measured when its books are written already
        var scrape = await Eventually(() => host.Client.Http.GetStringAsync("/metrics"), Does.Contain("causality_sink_flush_age_seconds_count"));
        _names = [.. Declared().Matches(scrape).SelectMany(m => m.Groups[2].Value == "histogram" ? [$"{m.Groups[1]}_bucket", $"{m.Groups[1]}_sum", $"{m.Groups[1]}_count"] : new[] { m.Groups[1].Value })];
    }

    [TestCaseSource(nameof(Queries))]
    public void A_query_names_metrics_that_exist(string query)
    {
        var asked = MetricsOf(query).Except(OfPrometheus).ToList();
        Assert.That(asked.Count + (query.Contains("up{", StringComparison.Ordinal) ? 1 : 0), Is.Positive, "the query names no metric");
        Assert.That(asked, Is.SubsetOf(_names));
    }

    [Test]
    public void A_metric_that_does_not_exist_would_be_found() =>
        Assert.That(MetricsOf("""sum by (le) (rate(causality_no_such_total{verdict="accepted"}[1m])) > 3""").Except(_names), Is.EqualTo(new[] { "causality_no_such_total" }));

    /// <summary>Names that are neither functions, keywords nor labels.</summary>
    private static IEnumerable<string> MetricsOf(string query)
    {
        var bare = Selectors().Replace(query, " ");
        bare = Groupings().Replace(bare, " ");
        return Identifiers().Matches(bare).Select(m => m.Value).Where(name => !Words.Contains(name)).Distinct();
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Causality.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Causality.sln is nowhere above the tests.");
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"- alert: (\w+)\s+expr: (.+)")]
    private static partial Regex Alerts();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|""[^""]*""")]
    private static partial Regex Selectors();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\b[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")]
    private static partial Regex Identifiers();
}
