using System.Globalization;

namespace Causality.Sink.Jobs;

/// <summary>A figure in the sentence that a job writes about its run: "1 file", "1,200 files".</summary>
internal static class Counted
{
    public static string Of(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
