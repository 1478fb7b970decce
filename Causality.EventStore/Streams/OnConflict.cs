namespace Causality.EventStore.Streams;

/// <summary>
/// <see cref="StreamConflictException"/> answered by deciding again: for orders that do not depend on what their sender has seen. Who loses every
/// turn gets the conflict itself, which the HTTP edge answers with 409.
/// </summary>
public static class OnConflict
{
    /// <summary>How often an order is decided at most: of so many at once on one stream, each has its turn.</summary>
    public const int Tries = 10;

    /// <summary>Loads, decides and appends, all within <paramref name="order"/>; again where somebody else was faster, on what is there then.</summary>
    /// <param name="or">What else is a conflict, such as a unique row that another transaction wrote.</param>
    public static async Task<T> Again<T>(Func<Task<T>> order, CancellationToken ct, Func<Exception, bool>? or = null)
    {
        ArgumentNullException.ThrowIfNull(order);
        for (var tried = 1; ; tried++)
            try
            {
                ct.ThrowIfCancellationRequested();
                return await order();
            }
            catch (Exception e) when (tried < Tries && (e is StreamConflictException || or?.Invoke(e) == true))
            {
                // the next turn sees what they did
            }
    }

    /// <inheritdoc cref="Again{T}"/>
    public static Task Again(Func<Task> order, CancellationToken ct, Func<Exception, bool>? or = null) => Again<object?>(async () =>
    {
        await order();
        return null;
    }, ct, or);
}
