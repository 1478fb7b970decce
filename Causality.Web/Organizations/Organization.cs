using System.Collections.Immutable;
using Causality.Contracts;
using Causality.EventStore.Streams;
using Causality.Http;
using Microsoft.AspNetCore.Http;

namespace Causality.Web.Organizations;

public sealed record OrganizationCreated(Guid OrganizationId, string Name);
public sealed record OrganizationRenamed(OrganizationRenamed.Named Before, OrganizationRenamed.Named After)
{
    public sealed record Named(string Name);
}

/// <param name="Email">Only whose e-mail this is may accept it; null for whoever has the link.</param>
/// <param name="TokenHash">SHA-256 of the link's token, in hex.</param>
public sealed record MemberInvited(Guid InvitationId, string? Email, Role Role, string TokenHash, string InvitedBy, DateTimeOffset ExpiresAt);
public sealed record InvitationAccepted(Guid InvitationId, Guid UserId, string Email);
public sealed record InvitationRevoked(Guid InvitationId, string? Email);
public sealed record MemberJoined(Guid UserId, string Email, Role Role);
public sealed record MemberRoleChanged(Guid UserId, string Email, RoleHeld Before, RoleHeld After);
public sealed record MemberAppRoleSet(Guid UserId, string Email, string AppId, RoleHeld Before, RoleHeld After);
public sealed record MemberAppRoleCleared(Guid UserId, string Email, string AppId, RoleHeld Before, RoleHeld After);
public sealed record MemberRemoved(Guid UserId, string Email, RoleHeld Before, RoleHeld After);
public sealed record PasswordResetIssued(Guid UserId, string Email);

/// <summary>The role before or after a change; null where there was or is none.</summary>
public sealed record RoleHeld(Role? Role);

internal sealed record Member(Guid UserId, string Email, Role Role, ImmutableDictionary<string, Role> Apps);

internal enum InvitationState { Open, Accepted, Revoked, Expired }

/// <param name="InvitedBy">An e-mail.</param>
internal sealed record Invitation(Guid Id, string? Email, Role Role, DateTimeOffset ExpiresAt, string InvitedBy, InvitationState State)
{
    /// <summary>Throws where it can no longer be accepted, or not by this e-mail.</summary>
    public void Check(string email, DateTimeOffset now)
    {
        CheckOpen(now);
        if (Email is not null && Email != email)
            throw new RefusedException("invitation-for-another", "This invitation is for another e-mail address. Sign in with the one that it was made for.", StatusCodes.Status403Forbidden);
    }

    /// <summary>Throws where it can no longer be accepted by anybody.</summary>
    public void CheckOpen(DateTimeOffset now)
    {
        var (code, words) = State switch
        {
            InvitationState.Accepted => ("invitation-used", "This invitation was accepted already. Ask for a new one."),
            InvitationState.Revoked => ("invitation-revoked", "This invitation was taken back. Ask for a new one."),
            _ when ExpiresAt <= now => ("invitation-expired", "This invitation has expired. Ask for a new one."),
            _ => ("", ""),
        };
        if (code.Length > 0)
            throw new RefusedException(code, words, StatusCodes.Status410Gone);
    }
}

/// <summary>Who belongs together: members with their roles, and who is invited. It keeps at least one admin.</summary>
internal sealed record Organization(Guid Id, string Name, ImmutableDictionary<Guid, Member> Members, ImmutableDictionary<Guid, Invitation> Invitations) : IAggregate<Organization>
{
    public static readonly TimeSpan InvitationLife = TimeSpan.FromDays(7);

    public static Organization Initial { get; } = new(Guid.Empty, "", ImmutableDictionary<Guid, Member>.Empty, ImmutableDictionary<Guid, Invitation>.Empty);

    public static StreamId Stream(Guid id) => new("organization", id);

    public static IReadOnlyList<object> Found(Guid id, string name, Guid founder, string email) =>
        [new OrganizationCreated(id, name), new MemberJoined(founder, email, Role.Admin)];

    public IReadOnlyList<object> Rename(string name) => name == Name ? [] : [new OrganizationRenamed(new(Name), new(name))];

    public IReadOnlyList<object> Invite(Guid invitation, string? email, Role role, string tokenHash, string invitedBy, DateTimeOffset now) =>
        email is not null && Members.Values.Any(m => m.Email == email)
            ? throw new RefusedException("already-member", $"{email} is a member already.", StatusCodes.Status409Conflict)
            : [new MemberInvited(invitation, email, role, tokenHash, invitedBy, now + InvitationLife)];

    /// <summary>Who is a member already stays one as before, and uses nothing up.</summary>
    public IReadOnlyList<object> Accept(Guid invitation, Guid user, string email, DateTimeOffset now)
    {
        if (Members.ContainsKey(user))
            return [];
        var invited = InvitationOf(invitation);
        invited.Check(email, now);
        return [new InvitationAccepted(invitation, user, email), new MemberJoined(user, email, invited.Role)];
    }

    public IReadOnlyList<object> Revoke(Guid invitation)
    {
        var invited = InvitationOf(invitation);
        return invited.State switch
        {
            InvitationState.Accepted => throw new RefusedException("invitation-used", "This invitation was accepted already; remove the member instead.", StatusCodes.Status409Conflict),
            InvitationState.Revoked => [],
            _ => [new InvitationRevoked(invitation, invited.Email)],
        };
    }

    public IReadOnlyList<object> ChangeRole(Guid user, Role role)
    {
        var member = MemberOf(user);
        if (member.Role == role)
            return [];
        KeepAnAdmin(member);
        return [new MemberRoleChanged(user, member.Email, new(member.Role), new(role)), .. role == Role.Admin ? [] : OpenLinksOf(member)];
    }

    public IReadOnlyList<object> SetAppRole(Guid user, string app, Role role)
    {
        var member = MemberOf(user);
        Role? before = member.Apps.TryGetValue(app, out var held) ? held : null;
        return before == role ? [] : [new MemberAppRoleSet(user, member.Email, app, new(before), new(role))];
    }

    public IReadOnlyList<object> ClearAppRole(Guid user, string app)
    {
        var member = MemberOf(user);
        return member.Apps.TryGetValue(app, out var held) ? [new MemberAppRoleCleared(user, member.Email, app, new(held), new(null))] : [];
    }

    public IReadOnlyList<object> Remove(Guid user)
    {
        var member = MemberOf(user);
        KeepAnAdmin(member);
        return [new MemberRemoved(user, member.Email, new(member.Role), new(null)), .. OpenLinksOf(member)];
    }

    public IReadOnlyList<object> IssuePasswordReset(Guid user) => [new PasswordResetIssued(user, MemberOf(user).Email)];

    public Organization Apply(object fact) => fact switch
    {
        OrganizationCreated e => this with { Id = e.OrganizationId, Name = e.Name },
        OrganizationRenamed e => this with { Name = e.After.Name },
        MemberInvited e => With(new Invitation(e.InvitationId, e.Email, e.Role, e.ExpiresAt, e.InvitedBy, InvitationState.Open)),
        InvitationAccepted e => With(Invitations[e.InvitationId] with { State = InvitationState.Accepted }),
        InvitationRevoked e => With(Invitations[e.InvitationId] with { State = InvitationState.Revoked }),
        MemberJoined e => With(new Member(e.UserId, e.Email, e.Role, ImmutableDictionary<string, Role>.Empty)),
        MemberRoleChanged e => With(Members[e.UserId] with { Role = e.After.Role!.Value }),
        MemberAppRoleSet e => With(Members[e.UserId] with { Apps = Members[e.UserId].Apps.SetItem(e.AppId, e.After.Role!.Value) }),
        MemberAppRoleCleared e => With(Members[e.UserId] with { Apps = Members[e.UserId].Apps.Remove(e.AppId) }),
        MemberRemoved e => this with { Members = Members.Remove(e.UserId) },
        _ => this,
    };

    private Organization With(Member member) => this with { Members = Members.SetItem(member.UserId, member) };

    private Organization With(Invitation invitation) => this with { Invitations = Invitations.SetItem(invitation.Id, invitation) };

    private Member MemberOf(Guid user) =>
        Members.GetValueOrDefault(user) ?? throw new RefusedException("member-missing", "There is no such member.", StatusCodes.Status404NotFound);

    private Invitation InvitationOf(Guid invitation) =>
        Invitations.GetValueOrDefault(invitation) ?? throw new RefusedException("invitation-missing", "There is no such invitation.", StatusCodes.Status404NotFound);

    // who is no admin any more shall not come back, or let others in, by links made before
    private IEnumerable<InvitationRevoked> OpenLinksOf(Member member) =>
        Invitations.Values.Where(i => i.State == InvitationState.Open && i.InvitedBy == member.Email).Select(i => new InvitationRevoked(i.Id, i.Email));

    private void KeepAnAdmin(Member member)
    {
        if (member.Role == Role.Admin && Members.Values.Count(m => m.Role == Role.Admin) == 1)
            throw new RefusedException("last-admin", "The last admin cannot leave or take a lesser role. Make another member an admin first.", StatusCodes.Status409Conflict);
    }
}
