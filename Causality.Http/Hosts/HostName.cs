using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Causality.Http.Hosts;

/// <summary>What people call this process: its machine and its port, such as <c>web-1:8080</c>. Known once the host listens; without a port before.</summary>
public sealed class HostName(IServer server)
{
    public override string ToString() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(address => new Uri(address.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal)).Port)
            .FirstOrDefault(port => port > 0) is > 0 and var port ? $"{Environment.MachineName}:{port}" : Environment.MachineName;
}
