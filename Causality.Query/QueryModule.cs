using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Query.Catalog;
using Causality.Query.Engines;
using Causality.Query.Pipeline;
using Causality.Query.Trends;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Causality.Query;

/// <summary>Questions: plans compiled to an engine's SQL over the ledger's live files.</summary>
public static class QueryModule
{
    public static IHostApplicationBuilder AddQuery(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<QueryOptions>().BindConfiguration("Query").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DuckDbEngine>();
        services.AddSingleton<LakeReader>();
        services.TryAddSingleton<HotProperties>();
        services.AddSingleton<PropertyQuestions>();
        services.AddHostedService(s => s.GetRequiredService<PropertyQuestions>());
        return builder;
    }

    public static void MapQuery(this IEndpointRouteBuilder routes)
    {
        var analytics = routes.MapGroup("/api/v1/analytics").WithTags("Analytics");
        AskTrends.Map(analytics);
        EventTypes.Map(analytics);
        var properties = routes.MapGroup("/api/v1/catalog/properties").WithTags("Catalog");
        PropertyList.Map(properties);
        PropertyValues.Map(properties);
        ChooseColumns.Map(properties);
        var pipeline = routes.MapGroup("/api/v1/pipeline").WithTags("Pipeline");
        PipelineLedger.Map(pipeline);
        PipelineFlow.Map(pipeline);
    }
}
