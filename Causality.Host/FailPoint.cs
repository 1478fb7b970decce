using System.Diagnostics;
using System.Globalization;
using Causality.Contracts;
using Causality.EventStore.Outbox;

namespace Causality.Host;

/// <summary>Where this process shall kill itself: a step, and the how manieth passage of it.</summary>
internal sealed record Death(Enum Step, int Passage)
{
    /// <summary>Every step that a module passes: the enumerations of the modules whose names end in Step.</summary>
    public static IReadOnlyList<Enum> Steps { get; } =
        [.. Commands.Modules.SelectMany(module => module.GetTypes()).Where(type => type.IsEnum && type.Name.EndsWith("Step", StringComparison.Ordinal))
            .OrderBy(type => type.Name, StringComparer.Ordinal).SelectMany(type => Enum.GetValues(type).Cast<Enum>())];

    /// <summary>Reads <c>FlushStep.Committed:3</c>; null, when there is no such step or number.</summary>
    public static Death? Parse(string text)
    {
        var parts = text.Split(':');
        var step = Steps.FirstOrDefault(step => Name(step) == parts[0]);
        var passage = 1;
        return step is null || parts.Length > 2 || (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out passage) || passage < 1))
            ? null : new Death(step, passage);
    }

    public static string Name(Enum step) => $"{step.GetType().Name}.{step}";

    public override string ToString() => $"{Name(Step)}:{Passage}";
}

/// <summary>
/// Kills its own process at one passage of one step: no finally, no flush, no farewell to anybody. Set by <c>CAUSALITY_FAILPOINT</c> alone, to prove
/// that such a death loses nothing. The event store, which knows nothing of ours, has a fail point of its own; both lead here.
/// </summary>
internal sealed class FailPoint(Death death) : IFailPoint, IOutboxFailPoint
{
    private int _left = death.Passage;

    public Death Death => death;

    public void At(Enum step)
    {
        if (!step.Equals(death.Step) || Interlocked.Decrement(ref _left) != 0)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    public void At(OutboxStep step) => At((Enum)step);
}

internal static partial class FailPoints
{
    /// <summary>To be called before the modules are added: each takes the fail point that is there, or one that lets everything pass.</summary>
    public static void AddFailPoint(this IServiceCollection services, Death? death)
    {
        if (death is null)
            return;
        services.AddSingleton(new FailPoint(death));
        services.AddSingleton<IFailPoint>(s => s.GetRequiredService<FailPoint>());
        services.AddSingleton<IOutboxFailPoint>(s => s.GetRequiredService<FailPoint>());
    }

    /// <summary>Nobody shall wonder why a host dies.</summary>
    public static void AnnounceFailPoint(this WebApplication app)
    {
        if (app.Services.GetService<FailPoint>() is { } failPoint)
            app.Logger.WillDie(failPoint.Death);
    }

    [LoggerMessage(1002, LogLevel.Warning, "CAUSALITY_FAILPOINT is set: this process kills itself at {Death}")]
    private static partial void WillDie(this ILogger log, Death death);
}
