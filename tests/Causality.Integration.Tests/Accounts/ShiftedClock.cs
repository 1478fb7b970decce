namespace Causality.Integration.Tests.Accounts;

/// <summary>The time of the day, and as much later as the test says; one for all hosts of a test.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private TimeSpan _later;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _later;

    public void Pass(TimeSpan time) => _later += time;
}
