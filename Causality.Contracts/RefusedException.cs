namespace Causality.Contracts;

/// <summary>
/// An order that was understood and is refused. The HTTP edge answers it as ProblemDetails: <paramref name="code"/> is for programs and
/// never changes (<c>rule-missing</c>), <paramref name="message"/> is for people, <paramref name="status"/> is the HTTP status.
/// </summary>
public sealed class RefusedException(string code, string message, int status = 409) : Exception(message)
{
    public string Code { get; } = code;
    public int Status { get; } = status;

    /// <summary>More for programs, by name beside the code in the answer; nothing unless it is filled.</summary>
    public Dictionary<string, object?> Details { get; } = [];
}
