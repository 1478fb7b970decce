using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Causality.Benchmarks.Faults;

/// <summary>The product's books of an app.</summary>
/// <param name="Gone">Of the stored: taken out of the lake again, by retention or an erasure.</param>
internal sealed record AppBooks(long Accepted, long Stored, long Duplicates, long Dead, long Others, long Gone, long InFlight, bool? Balanced);

/// <summary>One process of the product, on a port that it keeps.</summary>
internal sealed class SiteHost(FaultSettings settings, IReadOnlyDictionary<string, string> environment, string log, bool supervised) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly int _port = ChildProcess.FreePort();
    private ChildProcess? _process;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public string Log => log;

    private ChildProcess Process => _process ?? throw new InvalidOperationException("The host has not been started.");

    /// <summary>Starts it and waits until it is ready, or until it has died where it was told to.</summary>
    public async Task Start(CancellationToken ct, params (string Name, string Value)[] also)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        var all = environment.Append(new("CAUSALITY_PORT", _port.ToString(CultureInfo.InvariantCulture))).Concat(also.Select(a => new KeyValuePair<string, string>(a.Name, a.Value)))
            .GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Last().Value);
        _process = Launch();
        for (var start = Stopwatch.GetTimestamp(); !await IsReady(ct); await Task.Delay(50, ct))
            if (_process.HasExited && also.Any(a => a.Name == "CAUSALITY_FAILPOINT"))
                return;
            else if (_process.HasExited && supervised && Stopwatch.GetElapsedTime(start) < Patience)
                _process = Launch();
            else if (_process.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException($"The host was not ready within {Patience.TotalSeconds:0} s. Its last words:\n{string.Join('\n', File.Exists(log) ? File.ReadLines(log).TakeLast(20) : [])}");

        ChildProcess Launch() => ChildProcess.Start("dotnet", [settings.HostDll, "serve", "--role", "all"], all, log);
    }

    /// <summary>kill -9; nothing when it is dead already.</summary>
    public async Task Kill(CancellationToken ct)
    {
        if (!Process.HasExited)
            Process.Send(Signal.Kill);
        await Process.End(ct);
    }

    /// <summary>SIGTERM, and what it takes to end. Answers the exit code.</summary>
    public async Task<int> Terminate(CancellationToken ct)
    {
        Process.Send(Signal.Terminate);
        return await Process.End(ct);
    }

    public void Freeze() => Process.Send(Signal.Stop);

    public void Thaw() => Process.Send(Signal.Continue);

    /// <summary>Waits until it has ended by itself; false when it did not.</summary>
    public async Task<bool> Death(TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            await Process.End(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    public async Task SignIn(string email, string password, CancellationToken ct)
    {
        _http.DefaultRequestHeaders.Authorization = null;
        using var answer = await _http.PostAsJsonAsync(new Uri(Address, "/api/v1/auth/login"), new { email, password }, ct);
        answer.EnsureSuccessStatusCode();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await Json(answer, ct)).GetProperty("access_token").GetString());
    }

    public async Task<JsonElement> Get(string path, CancellationToken ct)
    {
        using var answer = await _http.GetAsync(new Uri(Address, path), ct);
        answer.EnsureSuccessStatusCode();
        return await Json(answer, ct);
    }

    public async Task<JsonElement> Post(string path, object body, CancellationToken ct)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Address, path), body, ct);
        answer.EnsureSuccessStatusCode();
        return await Json(answer, ct);
    }

    public async Task Patch(string path, object body, CancellationToken ct)
    {
        using var answer = await _http.PatchAsJsonAsync(new Uri(Address, path), body, ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Begins a job now; throws when it runs already.</summary>
    public Task Run(string job, object order, CancellationToken ct) => Post($"/api/v1/operations/jobs/{job}/run", order, ct);

    public async Task<AppBooks> Books(string app, CancellationToken ct)
    {
        var books = await Get($"/api/v1/pipeline/ledger?app_id={app}", ct);
        long Figure(string name) => books.TryGetProperty(name, out var figure) ? figure.GetInt64() : 0;
        return new AppBooks(Figure("accepted"), Figure("stored"), Figure("duplicates"), Figure("dead"), Figure("discarded") + Figure("quarantined"),
            Figure("erased") + Figure("expired"), Figure("in_flight"), books.TryGetProperty("balanced", out var balanced) ? balanced.GetBoolean() : null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _http.Dispose();
    }

    private static Task<JsonElement> Json(HttpResponseMessage answer, CancellationToken ct) => answer.Content.ReadFromJsonAsync<JsonElement>(ct);

    private async Task<bool> IsReady(CancellationToken ct)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "/ready"), ct);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
