namespace Causality.Host;

/// <summary>GET /openapi.json: the document from which the app's client is generated.</summary>
internal static class ApiDocument
{
    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        // requests and responses are nested in their slice, so the slice's name tells them apart
        options.CreateSchemaReferenceId = json =>
            json.Type.DeclaringType is { } slice && json.Type.Assembly != typeof(object).Assembly && !json.Type.IsGenericType ? slice.Name + json.Type.Name
                : Microsoft.AspNetCore.OpenApi.OpenApiOptions.CreateDefaultSchemaReferenceId(json);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Causality";
            document.Info.Version = typeof(ApiDocument).Assembly.GetName().Version!.ToString(3);
            document.Servers?.Clear();   // where it was asked for is not where it runs
            return Task.CompletedTask;
        });
    });
}
