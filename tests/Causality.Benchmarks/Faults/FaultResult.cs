namespace Causality.Benchmarks.Faults;

/// <summary>A row of the table.</summary>
/// <param name="Books">What of the product's own books disagrees with the senders' journal and with the files.</param>
/// <param name="ToFirst">Seconds from the end of the fault until a request that was sent after it was answered 200.</param>
/// <param name="ToDrained">Seconds from the end of the fault until nothing was in flight any more; senders go on for two of them.</param>
/// <param name="Trouble">Why it cannot be counted as survived, whatever the sets say.</param>
internal sealed record FaultResult(
    string Fault, long Sent, long Accepted, long Unknown, long Refused, long Repeats, StoredEvents Stored, Comparison Comparison, IReadOnlyList<string> Books, double? ToFirst, double? ToDrained,
    IReadOnlyList<string> Trouble)
{
    public bool Survived => Comparison.Clean && Books.Count == 0 && Trouble.Count == 0 && Accepted > 0;
}
