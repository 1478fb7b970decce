using Causality.Contracts;
using Causality.Lake.DuckDb;
using Microsoft.Extensions.Options;

namespace Causality.Query.Engines;

/// <summary>Runs compiled questions in this process. One instance, a connection for each question.</summary>
internal sealed class DuckDbEngine : IDisposable
{
    private readonly DuckDatabase _database;
    private readonly QueryOptions _options;
    private readonly SemaphoreSlim _turns;

    public DuckDbEngine(IOptions<QueryOptions> options)
    {
        _options = options.Value;
        _turns = new SemaphoreSlim(_options.Concurrency);
        _database = DuckDatabase.OpenInMemory(new Dictionary<string, string>
        {
            ["threads"] = (_options.Threads == 0 ? Environment.ProcessorCount : _options.Threads).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["memory_limit"] = _options.Memory,
        });
        using var connection = _database.Connect();
        connection.Execute("SET GLOBAL parquet_metadata_cache = true");   // files of the lake never change, so what was learned of them stays true
    }

    /// <summary>Runs one statement; arguments are bound to $1, $2 …. Refuses with 504 when it takes too long.</summary>
    public async Task<DuckRows> Run(string sql, object?[] arguments, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(_options.Timeout);
        try
        {
            await _turns.WaitAsync(deadline.Token);
            try
            {
                return await Task.Run(() =>
                {
                    using var connection = _database.Connect();
                    return connection.Query(sql, deadline.Token, arguments);
                }, deadline.Token);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RefusedException("query-too-long", $"The question took longer than {_options.Timeout.TotalSeconds:0} s and was stopped. Ask for a shorter range or fewer series.", 504);
        }
    }

    public void Dispose()
    {
        _turns.Dispose();
        _database.Dispose();
    }
}
