using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quartz;

namespace Causality.Sink.Jobs;

/// <summary>Maintenance jobs: Quartz says when, in PostgreSQL; <see cref="JobRuns"/> does it.</summary>
internal static class JobsModule
{
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddOptions<JobsOptions>().BindConfiguration("Jobs").ValidateDataAnnotations().ValidateOnStart();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "causality");   // the same on every host: one cluster
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.DataSourceFactory = s => s.GetRequiredService<NpgsqlDataSource>());
                store.ConfigureStore(options => (options.TablePrefix, options.StoreJobDataAsStrings) = ("quartz.qrtz_", true));
                store.ProvisionSchema();
                store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)));
            });
        });
        services.AddQuartzHostedService();
        services.AddSingleton<JobList>();
        services.AddSingleton<JobSchedule>();
        services.AddSingleton<LostRuns>();
        services.AddSingleton<JobRuns>();
        // stopped in reverse: runs are cancelled, and scheduled again, while Quartz is still there
        services.AddHostedService(s => s.GetRequiredService<JobSchedule>());
        services.AddHostedService(s => s.GetRequiredService<LostRuns>());
        services.AddHostedService(s => s.GetRequiredService<JobRuns>());
    }

    public static void MapJobs(this IEndpointRouteBuilder operations)
    {
        ListJobs.Map(operations);
        ListRuns.Map(operations);
        StartRun.Map(operations);
        PauseJob.Map(operations);
        ResumeJob.Map(operations);
        CancelRun.Map(operations);
    }
}
