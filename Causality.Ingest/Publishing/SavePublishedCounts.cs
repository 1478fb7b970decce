using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Ingest.Publishing;

/// <summary>Writes the counts that changed into <c>pipeline_published</c>, four times a second and at shutdown.</summary>
internal sealed class SavePublishedCounts(PublishedCounts counts, NpgsqlDataSource database, TimeProvider clock, ILogger<SavePublishedCounts> log)
    : PeriodicSave<PublishedTotal>(TimeSpan.FromMilliseconds(250), clock)
{
    private readonly TimeProvider _clock = clock;

    protected override IReadOnlyList<PublishedTotal> TakeUnsaved() => counts.TakeUnsaved();

    protected override void Return(IReadOnlyList<PublishedTotal> unsaved) => counts.Return(unsaved);

    protected override void Tell(Exception failure) => log.CountsNotSaved(failure);

    protected override async Task Save(IReadOnlyList<PublishedTotal> unsaved, CancellationToken ct)
    {
        await using var upsert = database.CreateCommand(
            """
            insert into pipeline_published (run_id, app_id, hour, events)
            select * from unnest($1, $2, $3, $4) order by 1, 2, 3
            on conflict (run_id, app_id, hour) do update set events = greatest(pipeline_published.events, excluded.events)
            """);
        upsert.Parameters.Add(new() { Value = unsaved.Select(total => total.Run).ToArray() });
        upsert.Parameters.Add(new() { Value = unsaved.Select(total => total.AppId).ToArray() });
        upsert.Parameters.Add(new() { Value = unsaved.Select(total => total.Hour).ToArray() });
        upsert.Parameters.Add(new() { Value = unsaved.Select(total => total.Events).ToArray() });
        await upsert.ExecuteNonQueryAsync(ct);
        counts.ForgetBefore((int)(_clock.GetUtcNow().ToUnixTimeSeconds() / 3600) - 2);
    }
}
