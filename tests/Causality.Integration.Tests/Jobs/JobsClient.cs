using System.Net.Http.Json;
using System.Text.Json;

namespace Causality.Integration.Tests.Jobs;

/// <summary>What an administrator asks of jobs, over HTTP.</summary>
internal static class JobsClient
{
    private const string Operations = "/api/v1/operations";

    public static async Task<JsonElement> Job(this EventClient client, string job) =>
        (await client.Get($"{Operations}/jobs")).EnumerateArray().Single(row => row.GetProperty("name").GetString() == job);

    public static async Task<IReadOnlyList<JsonElement>> Runs(this EventClient client, string job, string query = "") =>
        [.. (await client.Get($"{Operations}/jobs/{job}/runs{query}")).GetProperty("runs").EnumerateArray()];

    public static async Task<IReadOnlyList<string>> States(this EventClient client, string job) =>
        [.. (await client.Runs(job)).Select(run => run.GetProperty("state").GetString()!)];

    public static Task<(int Status, JsonElement Body)> Run(this EventClient client, string job, object? order = null) => client.Ask($"{Operations}/jobs/{job}/run", order ?? new { });

    public static Task<(int Status, JsonElement Body)> Pause(this EventClient client, string job) => client.Ask($"{Operations}/jobs/{job}/pause");

    public static Task<(int Status, JsonElement Body)> Resume(this EventClient client, string job) => client.Ask($"{Operations}/jobs/{job}/resume");

    public static Task<(int Status, JsonElement Body)> Cancel(this EventClient client, string run) => client.Ask($"{Operations}/runs/{run}/cancel");

    public static string Id(this JsonElement run) => run.GetProperty("id").GetString()!;

    private static async Task<(int, JsonElement)> Ask(this EventClient client, string address, object? body = null)
    {
        using var content = body is null ? null : JsonContent.Create(body);
        using var answer = await client.Http.PostAsync(address, content);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
