using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Causality.Benchmarks.Product;

/// <summary>The books of the app, as the product tells them.</summary>
internal sealed record Books(long Accepted, long Stored, long Duplicates, long Dead, long InFlight);

/// <summary>What the benchmark asks the product, signed in as its administrator.</summary>
internal sealed class ProductApi
{
    private readonly HttpClient _http;

    private ProductApi(HttpClient http) => _http = http;

    public static async Task<ProductApi> SignIn(HttpClient http, string email, string password, CancellationToken ct)
    {
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/login", new { email, password }, ct);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("access_token").GetString();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ProductApi(http);
    }

    public async Task<Books> Ledger(CancellationToken ct)
    {
        var books = await _http.GetFromJsonAsync<JsonElement>($"/api/v1/pipeline/ledger?app_id={ProductHost.App}", ct);
        long Figure(string name) => books.GetProperty(name).GetInt64();
        return new Books(Figure("accepted"), Figure("stored"), Figure("duplicates"), Figure("dead"), Figure("in_flight"));
    }

    /// <summary>Waits until as many events as given are stored.</summary>
    public async Task Stored(long events, TimeSpan patience, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        while (await Ledger(ct) is var books && books.Stored < events)
        {
            if (Stopwatch.GetElapsedTime(start) > patience)
                throw new TimeoutException($"{events} events were accepted, and after {patience.TotalSeconds:N0} s the ledger says {books}.");
            await Task.Delay(100, ct);
        }
    }

    /// <summary>Waits until nothing is in flight.</summary>
    public async Task Drained(CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        // a host reports what it published four times a second
        await Task.Delay(1000, ct);
        while (await Ledger(ct) is { InFlight: > 0 } books)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(10))
                throw new TimeoutException($"The sink has not caught up: {books}");
            await Task.Delay(200, ct);
        }
    }

    /// <summary>Has the app's files compacted, whatever it costs, and waits for the end.</summary>
    public async Task Compact(CancellationToken ct)
    {
        const string Job = "/api/v1/operations/jobs/compaction";
        for (HttpStatusCode? status = null; status is null or HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable; await Task.Delay(500, ct))
        {
            using var answer = await _http.PostAsJsonAsync($"{Job}/run", new { app_id = ProductHost.App }, ct);
            if ((status = answer.StatusCode) is not (HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable))   // the schedule's own run comes first
                answer.EnsureSuccessStatusCode();
        }
        while (true)
        {
            var run = (await _http.GetFromJsonAsync<JsonElement>($"{Job}/runs?limit=1", ct)).GetProperty("runs")[0];
            switch (run.GetProperty("state").GetString())
            {
                case "running": await Task.Delay(500, ct); break;
                case "succeeded": return;
                default: throw new InvalidOperationException($"The compaction ended so: {run}");
            }
        }
    }

    /// <summary>Asks for trends; answers each series' total by type and breakdown, and the milliseconds until the whole answer was here.</summary>
    public async Task<(Dictionary<string, long> Totals, double Ms)> Trends(object question, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await _http.PostAsJsonAsync("/api/v1/analytics/trends", question, ct);
        var body = await answer.Content.ReadAsByteArrayAsync(ct);
        var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"Trends answered {(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        using var json = JsonDocument.Parse(body);
        return (json.RootElement.GetProperty("series").EnumerateArray().ToDictionary(
            s => s.GetProperty("event_type").GetString() + (s.TryGetProperty("breakdown", out var b) ? $"/{b.GetString()}" : ""),
            s => s.GetProperty("total").GetInt64(), StringComparer.Ordinal), ms);
    }
}
