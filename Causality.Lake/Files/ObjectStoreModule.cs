using Causality.Lake.Files.S3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Lake.Files;

/// <summary>Where the lake lies: in a bucket, when one is set, else in the data folder.</summary>
public static class ObjectStoreModule
{
    /// <param name="services">To be added to before all that uses the lake at start.</param>
    /// <param name="data">The data folder; the lake is <c>lake</c> below it, or the folder of what goes to and comes from S3 is <c>s3</c>.</param>
    public static IServiceCollection AddObjectStore(this IServiceCollection services, string data)
    {
        services.AddOptions<S3Options>().BindConfiguration("S3").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<S3Options>, S3Checks>();
        services.AddSingleton<IObjectStore>(s =>
        {
            var options = s.GetRequiredService<IOptions<S3Options>>().Value;
            return options.IsConfigured
                ? new S3ObjectStore(options, options.Folder.Length > 0 ? options.Folder : Path.Combine(data, "s3"), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<S3ObjectStore>>())
                : new LocalObjectStore(Path.Combine(data, "lake"));
        });
        services.AddHostedService<BucketUpkeep>();
        return services;
    }
}
