using Causality.EventStore.Projections;
using Causality.EventStore.Streams;

namespace Causality.Integration.Tests.EventStore.Guide;

/// <summary>The goals that are open: <c>create table goal_list (stream text primary key, name text not null, target int not null)</c>.</summary>
internal sealed class GoalList : IProjection
{
    public string Name => "goal-list/1";

    public Rows Apply(Recorded recorded, Rows rows)
    {
        var stream = recorded.Stream.ToString();
        return recorded.Fact switch
        {
            GoalSet e => rows.Add("insert into goal_list (stream, name, target) values ($1, $2, $3)", stream, e.Name, e.Target),
            GoalRaised e => rows.Add("update goal_list set target = $2 where stream = $1", stream, e.Target),
            GoalDropped => rows.Add("delete from goal_list where stream = $1", stream),
            _ => rows,
        };
    }
}
