using System.Runtime.InteropServices;

namespace Causality.Lake.DuckDb;

/// <summary>An in-process DuckDB instance. Connections may be used on any thread, each by one at a time.</summary>
public sealed class DuckDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;

    private DuckDatabase(DatabaseHandle handle) => _handle = handle;

    /// <summary>Opens an in-memory instance with settings as DuckDB names them, such as <c>threads</c> and <c>memory_limit</c>.</summary>
    public static DuckDatabase OpenInMemory(IReadOnlyDictionary<string, string> settings)
    {
        if (Native.duckdb_create_config(out var config) != Native.Success)
            throw new DuckException("DuckDB could not make a configuration.");
        using (config)
        {
            // what does not fit into memory goes where temporary files belong, not into whatever folder the program was started in
            var temporary = new KeyValuePair<string, string>("temp_directory", Path.Combine(Path.GetTempPath(), $"causality-duckdb-{Environment.ProcessId}"));
            foreach (var (name, value) in settings.Prepend(temporary))
                if (Native.duckdb_set_config(config, name, value) != Native.Success)
                    throw new DuckException($"DuckDB does not take the setting {name} = {value}.");
            if (Native.duckdb_open_ext(null, out var handle, config, out var error) == Native.Success)
                return new DuckDatabase(handle);
            handle.Dispose();
            var message = Native.Text(error, "DuckDB could not be opened.");
            Native.duckdb_free(error);
            throw new DuckException(message);
        }
    }

    public DuckConnection Connect() =>
        Native.duckdb_connect(_handle, out var handle) == Native.Success ? new DuckConnection(handle) : throw new DuckException("DuckDB gave no connection.");

    public void Dispose() => _handle.Dispose();
}

/// <summary>One connection: one statement at a time.</summary>
public sealed unsafe class DuckConnection : IDisposable
{
    internal DuckConnection(ConnectionHandle handle) => Handle = handle;

    internal ConnectionHandle Handle { get; }

    /// <summary>Runs one statement and reads all of its rows. Arguments are bound to $1, $2 … as long, double, bool, string or null.</summary>
    public DuckRows Query(string sql, CancellationToken ct, params ReadOnlySpan<object?> arguments)
    {
        ct.ThrowIfCancellationRequested();
        if (Native.duckdb_prepare(Handle, sql, out var statement) != Native.Success)
            using (statement)
                throw new DuckException(Native.Text(Native.duckdb_prepare_error(statement), "The statement could not be prepared."));
        using (statement)
        {
            for (var i = 0; i < arguments.Length; i++)
                Bind(statement, (ulong)i + 1, arguments[i]);
            var result = (ResultStruct*)NativeMemory.AllocZeroed((nuint)sizeof(ResultStruct));
            try
            {
                using var interrupt = new Interrupt(Handle, ct);
                if (Native.duckdb_execute_prepared(statement, result) == Native.Success)
                    return DuckRows.Read(result);
                var error = new DuckException(Native.Text(Native.duckdb_result_error(result), "The statement failed."), Native.duckdb_result_error_type(result));
                throw error.IsInterrupt && ct.IsCancellationRequested ? new OperationCanceledException(error.Message, error, ct) : error;
            }
            finally
            {
                Native.duckdb_destroy_result(result);
                NativeMemory.Free(result);
            }
        }
    }

    public void Execute(string sql, CancellationToken ct = default) => Query(sql, ct);

    public DuckAppender Append(string table) =>
        Native.duckdb_appender_create(Handle, null, table, out var appender) == Native.Success
            ? new DuckAppender(appender)
            : throw DuckAppender.Failure(appender);

    public void Dispose() => Handle.Dispose();

    private static void Bind(StatementHandle statement, ulong index, object? value)
    {
        var code = value switch
        {
            null => Native.duckdb_bind_null(statement, index),
            long number => Native.duckdb_bind_int64(statement, index, number),
            int number => Native.duckdb_bind_int64(statement, index, number),
            double number => Native.duckdb_bind_double(statement, index, number),
            bool flag => Native.duckdb_bind_boolean(statement, index, flag),
            string text => BindText(statement, index, text),
            _ => throw new ArgumentException($"A {value.GetType().Name} cannot be bound."),
        };
        if (code != Native.Success)
            throw new DuckException($"Parameter {index} could not be bound.");
    }

    private static int BindText(StatementHandle statement, ulong index, string text)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text + '\0');   // the terminator only keeps the array from being empty
        fixed (byte* bytes = utf8)
            return Native.duckdb_bind_varchar_length(statement, index, bytes, (ulong)utf8.Length - 1);
    }

    /// <summary>Interrupts the running statement when asked to. DuckDB forgets an interrupt that comes before the statement has begun, so it is repeated until the statement ends.</summary>
    private sealed class Interrupt : IDisposable
    {
        private readonly ConnectionHandle _connection;
        private readonly CancellationTokenRegistration _registration;
        private readonly Lock _gate = new();
        private Timer? _timer;
        private bool _ended;

        public Interrupt(ConnectionHandle connection, CancellationToken ct)
        {
            _connection = connection;
            _registration = ct.Register(Begin);
        }

        public void Dispose()
        {
            _registration.Unregister();
            lock (_gate)
            {
                _ended = true;
                _timer?.Dispose();
            }
        }

        private void Begin()
        {
            lock (_gate)
                if (!_ended)
                    _timer = new Timer(_ => Fire(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        }

        private void Fire()
        {
            lock (_gate)
                if (!_ended)
                    Native.duckdb_interrupt(_connection);
        }
    }
}
