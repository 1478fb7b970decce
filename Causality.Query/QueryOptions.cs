using System.ComponentModel.DataAnnotations;

namespace Causality.Query;

/// <summary>Settings of the questions, <c>CAUSALITY_QUERY__…</c>.</summary>
public sealed class QueryOptions
{
    /// <summary>Threads of the engine; 0 is one for each core.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Memory of the engine, as DuckDB writes sizes.</summary>
    [Required]
    public string Memory { get; set; } = "1GB";

    /// <summary>A question that takes longer is stopped and answered with 504.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Questions that the engine works on at one time; the others wait.</summary>
    [Range(1, 256)]
    public int Concurrency { get; set; } = 8;
}
