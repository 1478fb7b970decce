using Causality.EventStore;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Web.Organizations;

/// <summary>Organizations, their members and invitations.</summary>
internal static class OrganizationsModule
{
    public static void AddOrganizations(this IServiceCollection services)
    {
        services.AddFacts(facts => facts
            .Add<OrganizationCreated>("organization-created")
            .Add<OrganizationRenamed>("organization-renamed")
            .Add<MemberInvited>("member-invited")
            .Add<InvitationAccepted>("invitation-accepted")
            .Add<InvitationRevoked>("invitation-revoked")
            .Add<MemberJoined>("member-joined")
            .Add<MemberRoleChanged>("member-role-changed")
            .Add<MemberAppRoleSet>("member-app-role-set")
            .Add<MemberAppRoleCleared>("member-app-role-cleared")
            .Add<MemberRemoved>("member-removed")
            .Add<PasswordResetIssued>("password-reset-issued"));
        services.AddInlineProjection<MemberRows>();
        services.AddSingleton<IAccess, Access>();
        services.AddSingleton<FirstOrganization>();
        services.AddSingleton<Membership>();
        services.AddSingleton<IMembership>(s => s.GetRequiredService<Membership>());
    }

    public static void MapOrganizations(this IEndpointRouteBuilder routes)
    {
        var organizations = routes.MapGroup("/api/v1/organizations").WithTags("Organizations");
        ListOrganizations.Map(organizations);
        CreateOrganization.Map(organizations);
        ShowOrganization.Map(organizations);
        RenameOrganization.Map(organizations);
        ListMembers.Map(organizations);
        ChangeMemberRole.Map(organizations);
        RemoveMember.Map(organizations);
        SetAppRole.Map(organizations);
        ClearAppRole.Map(organizations);
        ResetMemberPassword.Map(organizations);
        ListInvitations.Map(organizations);
        Invite.Map(organizations);
        RevokeInvitation.Map(organizations);
        var invitations = routes.MapGroup("/api/v1/invitations").WithTags("Organizations");
        ShowInvitation.Map(invitations);
        AcceptInvitation.Map(invitations);
    }
}
