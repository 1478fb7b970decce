using Causality.EventStore.Streams;
using Causality.Http;
using Causality.Web.Organizations;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Integration.Tests.Organizations;

/// <summary>An organization, made by its facts.</summary>
internal sealed class Team(HostInside host, Guid id)
{
    public Guid Id { get; } = id;

    public static async Task<Team> Found(HostInside host, string name, Person founder)
    {
        var team = new Team(host, Guid.CreateVersion7());
        await team.Record(new OrganizationCreated(team.Id, name), new MemberJoined(founder.Id, founder.Email, Role.Admin));
        return team;
    }

    public Task Join(Person person, Role role) => Record(new MemberJoined(person.Id, person.Email, role));

    public Task Give(Person person, string app, Role role) => Record(new MemberAppRoleSet(person.Id, person.Email, app, new(null), new(role)));

    /// <summary>Invites whoever has the link; answers the invitation's id.</summary>
    public async Task<Guid> Invite()
    {
        var id = Guid.CreateVersion7();
        await Record(new MemberInvited(id, null, Role.Viewer, $"{id:N}{id:N}", "test@example.com", DateTimeOffset.UtcNow.AddDays(1)));
        return id;
    }

    public async Task Record(params object[] facts)
    {
        var (store, stream) = (host.Services.GetRequiredService<IEventStore>(), new StreamId("organization", Id));
        var version = (await store.Read(stream, CancellationToken.None)).Count;
        await store.Append(stream, version, facts, new FactOrigin("system:test", Tenant: Id.ToString()), CancellationToken.None);
    }
}
