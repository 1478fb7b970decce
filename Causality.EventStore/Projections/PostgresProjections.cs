using Npgsql;

namespace Causality.EventStore.Projections;

internal sealed class PostgresProjections(NpgsqlDataSource database, IEnumerable<AsynchronousProjection> projections, TimeProvider clock) : IProjections
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string[] _names = [.. projections.Select(p => p.Projection.Name).Order(StringComparer.Ordinal)];

    public async Task<IReadOnlyList<ProjectionState>> List(CancellationToken ct)
    {
        if (_names.Length == 0)
            return [];
        await using var select = database.CreateCommand(
            """
            with water as materialized (select facts_high_water() as mark)
            select name, coalesce(position, 0), greatest(mark, position), failed_at, failed_sequence, error,
                   (select at from facts where sequence > coalesce(position, 0) and sequence <= mark order by sequence limit 1)
            from water, unnest($1) as wanted (name) left join projections using (name)
            order by name
            """);
        select.Parameters.Add(new() { Value = _names });
        await using var rows = await select.ExecuteReaderAsync(ct);
        var states = new List<ProjectionState>();
        while (await rows.ReadAsync(ct))
        {
            var behind = await rows.IsDBNullAsync(6, ct) ? TimeSpan.Zero : clock.GetUtcNow() - rows.GetFieldValue<DateTimeOffset>(6);
            var failure = await rows.IsDBNullAsync(3, ct) ? null : new ProjectionFailure(rows.GetFieldValue<DateTimeOffset>(3), rows.GetInt64(4), rows.GetString(5));
            states.Add(new ProjectionState(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), behind < TimeSpan.Zero ? TimeSpan.Zero : behind, failure));
        }
        return states;
    }

    public async Task WaitFor(string name, long sequence, CancellationToken ct)
    {
        if (!_names.Contains(name))
            throw new ArgumentException($"There is no projection {name}, but {string.Join(", ", _names)}.", nameof(name));
        while ((await List(ct)).Single(p => p.Name == name) is var state && state.Position < sequence)
        {
            if (state.Failure is { } failure && failure.Sequence <= sequence)
                throw new InvalidOperationException($"The projection {name} stands still at fact {failure.Sequence}: {failure.Error}");
            await Task.Delay(Pause, clock, ct);
        }
    }

    public async Task WaitFor(string name, CancellationToken ct)
    {
        // what is recorded, and not the high-water mark: a transaction in flight may hold that below a fact of one's own
        await using var select = database.CreateCommand("select coalesce(max(sequence), 0) from facts");
        await WaitFor(name, (long)(await select.ExecuteScalarAsync(ct))!, ct);
    }
}
