namespace Causality.Ingest.Apps;

/// <summary>Code that sends an event when <c>YOUR_API_KEY</c> is replaced by a key. The tests run it.</summary>
/// <param name="Stack"><c>curl</c>, <c>web</c>, <c>dotnet</c> or <c>mobile</c>.</param>
/// <param name="Language">For highlighting: <c>bash</c>, <c>html</c>, <c>csharp</c>, <c>kotlin</c>, <c>swift</c>.</param>
public sealed record Snippet(string Stack, string Title, string Language, string Code)
{
    internal static IReadOnlyList<Snippet> All(string endpoint) =>
    [
        new("curl", "curl", "bash", Curl.Replace(Endpoint, endpoint, StringComparison.Ordinal)),
        new("web", "Web page", "html", Web.Replace(Endpoint, endpoint, StringComparison.Ordinal)),
        new("dotnet", ".NET", "csharp", DotNet.Replace(Endpoint, endpoint, StringComparison.Ordinal)),
        new("mobile", "Android (Kotlin)", "kotlin", Kotlin.Replace(Endpoint, endpoint, StringComparison.Ordinal)),
        new("mobile", "iOS (Swift)", "swift", Swift.Replace(Endpoint, endpoint, StringComparison.Ordinal)),
    ];

    private const string Endpoint = "ENDPOINT";

    private const string Curl =
        """
        curl -X POST 'ENDPOINT/api/v1/track' \
          -H 'X-API-Key: YOUR_API_KEY' \
          -H 'Content-Type: application/json' \
          -d '{"event_type":"signed_up","user_id":"user-1","properties":{"plan":"pro"}}'
        """;

    // text/plain needs no preflight, and a beacon survives leaving the page
    private const string Web =
        """
        <script>
          (function () {
            var address = 'ENDPOINT/api/v1/track?api_key=YOUR_API_KEY';
            function id(store, name) {
              var known = store.getItem(name);
              if (!known) store.setItem(name, known = Date.now().toString(36) + Math.random().toString(36).slice(2));
              return known;
            }
            window.track = function (type, properties) {
              var body = JSON.stringify({
                event_type: type,
                anonymous_id: id(localStorage, 'causality_visitor'),
                session_id: id(sessionStorage, 'causality_session'),
                url: location.href,
                referrer: document.referrer,
                title: document.title,
                timestamp: new Date().toISOString(),
                properties: properties || {}
              });
              if (!navigator.sendBeacon || !navigator.sendBeacon(address, body))
                fetch(address, { method: 'POST', body: body, keepalive: true });
            };
            track('page_view');
          })();
        </script>
        """;

    private const string DotNet =
        """
        using System.Net.Http.Json;

        using var causality = new HttpClient { BaseAddress = new Uri("ENDPOINT") };
        causality.DefaultRequestHeaders.Add("X-API-Key", "YOUR_API_KEY");

        using var answer = await causality.PostAsJsonAsync("/v1/events/batch", new
        {
            events = new[]
            {
                new
                {
                    event_type = "signed_up",
                    timestamp = DateTimeOffset.UtcNow,
                    idempotency_key = Guid.NewGuid().ToString(),
                    user_id = "user-1",
                    metadata = new { plan = "pro" },
                    server_context = new { hostname = Environment.MachineName },
                },
            },
        });
        answer.EnsureSuccessStatusCode();
        """;

    private const string Kotlin =
        """"
        // off the main thread; deviceId: made once with UUID.randomUUID(), and kept
        val body = """
            {"events":[{
              "deviceId":"${deviceId}",
              "timestampMs":"${System.currentTimeMillis()}",
              "idempotencyKey":"${UUID.randomUUID()}",
              "deviceContext":{"platform":"PLATFORM_ANDROID","osVersion":"${Build.VERSION.RELEASE}","deviceModel":"${Build.MODEL}"},
              "screenView":{"screenName":"Home"}
            }]}
        """
        val connection = URL("ENDPOINT/v1/events/batch").openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("X-API-Key", "YOUR_API_KEY")
        connection.setRequestProperty("Content-Type", "application/json")
        connection.outputStream.use { it.write(body.toByteArray()) }
        check(connection.responseCode == 200)
        """";

    private const string Swift =
        """"
        // deviceId: made once with UUID().uuidString, and kept
        let body = """
            {"events":[{
              "deviceId":"\(deviceId)",
              "timestampMs":"\(Int64(Date().timeIntervalSince1970 * 1000))",
              "idempotencyKey":"\(UUID().uuidString)",
              "deviceContext":{"platform":"PLATFORM_IOS","osVersion":"\(UIDevice.current.systemVersion)","deviceModel":"\(UIDevice.current.model)"},
              "screenView":{"screenName":"Home"}
            }]}
            """
        var request = URLRequest(url: URL(string: "ENDPOINT/v1/events/batch")!)
        request.httpMethod = "POST"
        request.setValue("YOUR_API_KEY", forHTTPHeaderField: "X-API-Key")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body.utf8)
        let (_, response) = try await URLSession.shared.data(for: request)
        assert((response as? HTTPURLResponse)?.statusCode == 200)
        """";
}
