using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Ingest.ApiKeys;

/// <summary>Writes when keys were last used into <c>api_keys</c>, every 10 seconds and at shutdown: one statement, no fact, no version.</summary>
internal sealed class SaveKeyUses(KeyUses uses, NpgsqlDataSource database, TimeProvider clock, ILogger<SaveKeyUses> log)
    : PeriodicSave<(Guid Key, DateTimeOffset At)>(Interval, clock)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override IReadOnlyList<(Guid Key, DateTimeOffset At)> TakeUnsaved() => uses.TakeUnsaved();

    protected override void Return(IReadOnlyList<(Guid Key, DateTimeOffset At)> unsaved) => uses.Return(unsaved);

    protected override void Tell(Exception failure) => log.UsesNotSaved(failure);

    protected override async Task Save(IReadOnlyList<(Guid Key, DateTimeOffset At)> unsaved, CancellationToken ct)
    {
        // rows are locked in one order by every host, so that two of them never wait for each other
        await using var update = database.CreateCommand(
            """
            with used as (
                select k.id, u.at from api_keys k join unnest($1, $2) as u (id, at) on u.id = k.id
                where k.last_used_at is null or k.last_used_at < u.at order by k.id for no key update of k)
            update api_keys k set last_used_at = used.at from used where k.id = used.id
            """);
        update.Parameters.Add(new() { Value = unsaved.Select(use => use.Key).ToArray() });
        update.Parameters.Add(new() { Value = unsaved.Select(use => use.At).ToArray() });
        await update.ExecuteNonQueryAsync(ct);
    }
}
