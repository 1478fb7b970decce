using System.Globalization;

namespace Causality.Benchmarks.Faults;

/// <summary>PostgreSQL or RabbitMQ of the tests, as processes: asked for its id each time, since it is another one after a restart.</summary>
internal sealed class Server(string name, FaultSettings settings)
{
    /// <summary>kill -9 of all its processes at once.</summary>
    public Task Kill(CancellationToken ct) => Send(Signal.Kill, ct);

    /// <summary>Stops all its processes in their tracks; connections stay open and nobody answers.</summary>
    public Task Freeze(CancellationToken ct) => Send(Signal.Stop, ct);

    public Task Thaw(CancellationToken ct) => Send(Signal.Continue, ct);

    /// <summary>Told to end, as at a restart of the machine.</summary>
    public Task Stop(CancellationToken ct) => Control("stop", ct);

    /// <summary>Starts it when it does not run; returns when it answers, on the port that it had.</summary>
    public Task Start(CancellationToken ct) => Control("start", ct);

    private async Task Send(Signal signal, CancellationToken ct) => Signals.SendToTree(int.Parse(await Control("pid", ct), CultureInfo.InvariantCulture), signal);

    private Task<string> Control(string order, CancellationToken ct) => Tool.Run(settings.TestServer, [settings.Servers, order, name], ct);
}
