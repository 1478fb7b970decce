namespace Causality.Lake.Ledger;

/// <summary>The points between which a swap can die.</summary>
public enum SwapStep
{
    InputsChosen,
    Written,
    Sealed,
    Swapped,
    Published,
    RetiredDeleted,
}
