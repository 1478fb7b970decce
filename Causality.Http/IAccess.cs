namespace Causality.Http;

/// <summary>Who may do what. A port: this project asks, the module that knows people answers, on every host.</summary>
public interface IAccess
{
    /// <summary>
    /// What this person may do now; null when the session has ended. Up to 2 s old unless it must be <paramref name="fresh"/>, so what was
    /// taken away works no longer than that.
    /// </summary>
    ValueTask<Standing?> Of(Actor actor, bool fresh, CancellationToken ct);
}

/// <summary>What a person may do.</summary>
/// <param name="Administrator">Of the installation: its settings and people, not others' data.</param>
/// <param name="Organizations">The role in each organization that the person is a member of.</param>
/// <param name="Apps">The role in each app of those organizations.</param>
public sealed record Standing(bool Administrator, IReadOnlyDictionary<Guid, Role> Organizations, IReadOnlyDictionary<string, AppStanding> Apps);

/// <summary>The role in an app, and whose app it is.</summary>
public readonly record struct AppStanding(Guid OrganizationId, Role Role);
