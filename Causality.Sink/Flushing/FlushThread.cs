using System.Collections.Concurrent;

namespace Causality.Sink.Flushing;

/// <summary>
/// The thread that flushes are prepared on: reading, comparing and DuckDB's writing take a processor for tenths of a second at a time. On a thread of the pool, of which there are few,
/// requests would wait behind them.
/// </summary>
internal sealed class FlushThread : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Thread _thread;

    public FlushThread()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "flush" };
        _thread.UnsafeStart();
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs the step here, and what comes after each of its awaits. So nothing in it may block on a task.</summary>
    public Task<T> Run<T>(Func<Task<T>> step, CancellationToken ct) =>
        Task.Factory.StartNew(step, ct, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public void Dispose() => _tasks.CompleteAdding();

    protected override void QueueTask(Task task)
    {
        try
        {
            _tasks.Add(task);
        }
        catch (InvalidOperationException)
        {
            ThreadPool.QueueUserWorkItem(_ => TryExecuteTask(task));    // disposed of: what was cut off at shutdown still has to find that out
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => Thread.CurrentThread == _thread && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks.ToArray();

    private void Work()
    {
        foreach (var task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}
