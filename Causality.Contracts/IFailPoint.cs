namespace Causality.Contracts;

/// <summary>
/// Where work can be made to die, to prove that nothing is lost: modules name their steps in enumerations and pass every one of them.
/// Nothing happens there unless a test says so.
/// </summary>
public interface IFailPoint
{
    void At(Enum step);
}

/// <summary>Lets everything pass.</summary>
public sealed class NoFailPoint : IFailPoint
{
    public void At(Enum step)
    {
    }
}
