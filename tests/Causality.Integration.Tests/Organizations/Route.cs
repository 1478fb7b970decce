using System.Text.RegularExpressions;
using Causality.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Integration.Tests.Organizations;

/// <summary>Where an endpoint's request says which app or organization it is about.</summary>
internal enum Named { Nowhere, InRoute, InQuery, InBody }

/// <summary>One endpoint with one of its methods, as its metadata describes it.</summary>
internal sealed partial record Route(string Method, string Path, Requirement? Requirement, bool Anonymous, Type? Body)
{
    public static IReadOnlyList<Route> All(HostInside host) =>
    [
        .. from endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           select new Route(method, Constraint().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "}"), endpoint.Metadata.GetMetadata<Requirement>(),
               endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null, endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType),
    ];

    /// <summary>The names of the ids in the path.</summary>
    public IReadOnlyList<string> Ids { get; } = [.. Parameter().Matches(Path).Select(match => match.Groups[1].Value)];

    /// <summary>The id that the role must be held in; null where none is named.</summary>
    public string? Scope => Requirement?.Where switch { In.App => "app_id", In.Organization => "organization_id", _ => null };

    public Named ScopeIs => Scope is not { } scope ? Named.Nowhere
        : Ids.Contains(scope) ? Named.InRoute
        : Body?.IsAssignableTo(Requirement!.Where == In.App ? typeof(IOfApp) : typeof(IOfOrganization)) == true ? Named.InBody
        : Named.InQuery;

    /// <summary>The ids of the path that are of something within the scope.</summary>
    public IReadOnlyList<string> Nested => [.. Ids.Where(id => id != Scope)];

    /// <summary>The address, with values for its ids; what is about an app and names it nowhere else gets it as a query.</summary>
    public string Address(IReadOnlyDictionary<string, string> values)
    {
        var path = Parameter().Replace(Path, match => values[match.Groups[1].Value]);
        return ScopeIs == Named.InQuery ? $"{path}?{Scope}={values[Scope!]}" : path;
    }

    public override string ToString() => $"{Method} {Path}";

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@":[^}]*\}")]
    private static partial Regex Constraint();
}
