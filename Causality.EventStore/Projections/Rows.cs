using Npgsql;

namespace Causality.EventStore.Projections;

/// <summary>Statements that wait for the commit which they are part of. They run in the order in which they were added.</summary>
public sealed class Rows
{
    private readonly List<NpgsqlBatchCommand> _commands = [];

    /// <summary>Adds a statement with its values for $1, $2 and so on; null is SQL's null. The text should be constant, so that it is prepared once.</summary>
    public Rows Add(string sql, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
#pragma warning disable CA2100 // the text is the projection's own; values travel as parameters
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        _commands.Add(command);
        return this;
    }

    internal IReadOnlyList<NpgsqlBatchCommand> Commands => _commands;
}
