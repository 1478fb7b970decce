using System.Globalization;
using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Product;
using Causality.Host.Demo;
using Npgsql;

namespace Causality.Benchmarks;

/// <summary>
/// <c>bench query</c>: trends over five million events of 90 days, sent by the demo command through the API, beside hand-written SQL in
/// bare DuckDB on the same files. The two take turns, and their answers must agree.
/// </summary>
internal sealed class QueryBench(BenchSettings settings, Figures figures)
{
    private const int Days = 90;
    private const int Pairs = 9;
    private const double BudgetTimes = 1.5;
    private const double BudgetMs = 20;

    /// <summary>A question to the product, and the SQL that answers it, its last column a count.</summary>
    private sealed record Question(string Name, string[] Types, string Interval, string? Breakdown, string Columns);

    private static readonly Question[] Questions =
    [
        new("trends by day, five types", ["view", "product_view", "add_to_cart", "checkout_start", "purchase_complete"], "day", null, "event_type, timestamp_ms // 86400000"),
        new("trends by hour, by platform", ["product_view"], "hour", "platform", "platform, timestamp_ms // 3600000"),
        new("trends by day, one rare type", ["purchase_complete"], "day", null, "timestamp_ms // 86400000"),
    ];

    public async Task Run(CancellationToken ct)
    {
        var events = settings.Quick ? 200_000 : 5_000_000L;
        var now = DateTimeOffset.UtcNow;
        var until = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        await using var host = await ProductHost.Create(settings, ct);
        var api = await host.SignIn(ct);
        figures.Step(string.Create(CultureInfo.InvariantCulture, $"Sending {events:N0} events of {Days} days"));
        await host.Demo(events, Days, until, ct);
        await api.Stored(events, TimeSpan.FromMinutes(15), ct);
        var files = await Files(host, ct);
        figures.Add(new Figure("files in the lake", files.Count, "files"));
        var json = new History(new HistoryOptions(events, Days, Seed: 1, until, ProductHost.App)).Events().Sum(e => (long)e.Json.Length);
        var stored = files.Sum(f => new FileInfo(f).Length);
        figures.Add(new Figure("stored bytes per event", (double)stored / events, "bytes", (double)json / events, (double)stored / json, "<= 0.2 x", stored <= 0.2 * json));

        using var duck = new BareDuck();
        foreach (var question in Questions)
            await Compare(question, api, duck, files, until, ct);
    }

    private async Task Compare(Question question, ProductApi api, BareDuck duck, List<string> files, DateTimeOffset until, CancellationToken ct)
    {
        var from = until.AddDays(-Days);
        var asked = new
        {
            app_id = ProductHost.App, series = question.Types.Select(t => new { event_type = t }), from = $"{from:yyyy-MM-dd}", to = $"{until:yyyy-MM-dd}", interval = question.Interval, breakdown = question.Breakdown,
        };
        var sql = $"""
            SELECT {question.Columns}, count(*) FROM read_parquet([{string.Join(", ", files.Select(f => $"'{f.Replace("'", "''", StringComparison.Ordinal)}'"))}], hive_partitioning = false)
            WHERE event_type IN ({string.Join(", ", question.Types.Select(t => $"'{t}'"))}) AND timestamp_ms >= {from.ToUnixTimeMilliseconds()} AND timestamp_ms < {until.ToUnixTimeMilliseconds()}
            GROUP BY ALL
            """;
        var (product, bare) = (new List<double>(), new List<double>());
        for (var i = -2; i < Pairs; i++)
        {
            var (totals, ms) = await api.Trends(asked, ct);
            var (answer, bareMs) = duck.Ask(sql, ct);
            if (totals.Values.Sum() is var told && answer.Rows.Sum(r => (long)r[^1]!) is var counted && told != counted)
                throw new InvalidDataException($"{question.Name}: the product counts {told} events, SQL {counted}.");
            if (i < 0)
                continue;                                                  // both have learned the files by now
            product.Add(ms);
            bare.Add(bareMs);
        }
        var (median, k5) = (product.Order().ElementAt(Pairs / 2), bare.Order().ElementAt(Pairs / 2));
        figures.Add(new Figure(question.Name, median, "ms", k5, median / k5, "<= 1.5 x + 20 ms", median <= BudgetTimes * k5 + BudgetMs));
    }

    private static async Task<List<string>> Files(ProductHost host, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(host.Database.ConnectionString);
        await using var select = database.CreateCommand("select case when published then path else pending_path end from lake_files where app_id = $1 and retired_snapshot is null order by hour, path");
        select.Parameters.AddWithValue(ProductHost.App);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var files = new List<string>();
        while (await reader.ReadAsync(ct))
            files.Add(Path.Combine(host.Data, "lake", reader.GetString(0)));
        return files;
    }
}
