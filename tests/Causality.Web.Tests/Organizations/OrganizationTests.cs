using Causality.Contracts;
using Causality.Http;
using Causality.Web.Organizations;
using NUnit.Framework;

namespace Causality.Web.Tests.Organizations;

/// <summary>Given facts, when an order, then facts.</summary>
[TestFixture]
internal sealed class OrganizationTests
{
    private static readonly Guid Ada = Guid.CreateVersion7(), Ben = Guid.CreateVersion7(), Cleo = Guid.CreateVersion7(), Link = Guid.CreateVersion7();
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private static readonly object[] Founded = [.. Organization.Found(Guid.CreateVersion7(), "Bakery", Ada, "ada@example.com")];
    private static readonly MemberJoined BenViews = new(Ben, "ben@example.com", Role.Viewer);

    [Test]
    public void Who_founds_it_is_its_admin()
    {
        var organization = Given();
        Assert.That(organization.Name, Is.EqualTo("Bakery"));
        Assert.That(organization.Members[Ada].Role, Is.EqualTo(Role.Admin));
    }

    [Test]
    public void A_new_name_is_recorded_with_the_old_one_and_the_same_name_is_not() =>
        Assert.That((Given().Rename("Baker's"), Given().Rename("Bakery")),
            Is.EqualTo((new object[] { new OrganizationRenamed(new("Bakery"), new("Baker's")) }, Array.Empty<object>())));

    [Test]
    public void A_changed_role_is_recorded_with_the_old_one_and_the_same_role_is_not()
    {
        Assert.That(Given(BenViews).ChangeRole(Ben, Role.Editor), Is.EqualTo(new[] { new MemberRoleChanged(Ben, "ben@example.com", new(Role.Viewer), new(Role.Editor)) }));
        Assert.That(Given(BenViews).ChangeRole(Ben, Role.Viewer), Is.Empty);
    }

    [Test]
    public void The_links_of_who_is_no_admin_any_more_are_taken_back()
    {
        var organization = Given(BenViews with { Role = Role.Admin }, new MemberInvited(Link, null, Role.Admin, "hash", "ben@example.com", Now), new MemberInvited(Cleo, null, Role.Viewer, "other", "ada@example.com", Now));
        var revoked = new InvitationRevoked(Link, null);
        Assert.That(organization.Remove(Ben).Skip(1), Is.EqualTo(new[] { revoked }));
        Assert.That(organization.ChangeRole(Ben, Role.Editor).Skip(1), Is.EqualTo(new[] { revoked }));
    }

    [Test]
    public void The_last_admin_can_neither_be_demoted_nor_removed()
    {
        Refused("last-admin", 409, () => Given(BenViews).ChangeRole(Ada, Role.Editor));
        Refused("last-admin", 409, () => Given(BenViews).Remove(Ada));
    }

    [Test]
    public void One_of_two_admins_can_be_demoted_and_then_the_other_cannot()
    {
        var demotion = Given(BenViews with { Role = Role.Admin }).ChangeRole(Ada, Role.Viewer);
        Assert.That(demotion, Has.Count.EqualTo(1));
        Refused("last-admin", 409, () => Given(BenViews with { Role = Role.Admin }, demotion[0]).Remove(Ben));
    }

    [Test]
    public void A_member_who_is_removed_is_recorded_with_the_role_and_takes_the_roles_in_apps_along()
    {
        var setRole = Given(BenViews).SetAppRole(Ben, "shop", Role.Admin)[0];
        var removed = Given(BenViews, setRole).Remove(Ben);
        Assert.That(removed, Is.EqualTo(new[] { new MemberRemoved(Ben, "ben@example.com", new(Role.Viewer), new(null)) }));
        Assert.That(Given(BenViews, setRole, removed[0], BenViews).Members[Ben].Apps, Is.Empty);
    }

    [Test]
    public void A_role_in_an_app_is_set_changed_and_cleared_with_what_was_before()
    {
        var set = new MemberAppRoleSet(Ben, "ben@example.com", "shop", new(null), new(Role.Admin));
        var changed = new MemberAppRoleSet(Ben, "ben@example.com", "shop", new(Role.Admin), new(Role.Editor));
        Assert.That(Given(BenViews).SetAppRole(Ben, "shop", Role.Admin), Is.EqualTo(new[] { set }));
        Assert.That(Given(BenViews, set).SetAppRole(Ben, "shop", Role.Admin), Is.Empty);
        Assert.That(Given(BenViews, set).SetAppRole(Ben, "shop", Role.Editor), Is.EqualTo(new[] { changed }));
        Assert.That(Given(BenViews, set, changed).ClearAppRole(Ben, "shop"), Is.EqualTo(new[] { new MemberAppRoleCleared(Ben, "ben@example.com", "shop", new(Role.Editor), new(null)) }));
        Assert.That(Given(BenViews).ClearAppRole(Ben, "shop"), Is.Empty);
    }

    [Test]
    public void An_invitation_makes_a_member_of_the_role_that_it_names_once()
    {
        var invited = Invitation(Given(), null);
        var accepted = Given(invited).Accept(Link, Ben, "ben@example.com", Now);
        Assert.That(accepted, Is.EqualTo(new object[] { new InvitationAccepted(Link, Ben, "ben@example.com"), new MemberJoined(Ben, "ben@example.com", Role.Editor) }));
        Refused("invitation-used", 410, () => Given([invited, .. accepted]).Accept(Link, Cleo, "cleo@example.com", Now));
    }

    [Test]
    public void An_invitation_ends_after_seven_days()
    {
        var invited = Given(Invitation(Given(), null));
        Assert.That(invited.Accept(Link, Ben, "ben@example.com", Now.AddDays(7).AddTicks(-1)), Is.Not.Empty);
        Refused("invitation-expired", 410, () => invited.Accept(Link, Ben, "ben@example.com", Now.AddDays(7)));
    }

    [Test]
    public void An_invitation_for_an_email_is_for_nobody_else()
    {
        var invited = Given(Invitation(Given(), "ben@example.com"));
        Refused("invitation-for-another", 403, () => invited.Accept(Link, Cleo, "cleo@example.com", Now));
        Assert.That(invited.Accept(Link, Ben, "ben@example.com", Now), Is.Not.Empty);
    }

    [Test]
    public void A_member_who_accepts_stays_as_before_and_leaves_the_invitation_to_others()
    {
        var invited = Given(BenViews, Invitation(Given(), null));
        Assert.That(invited.Accept(Link, Ben, "ben@example.com", Now), Is.Empty);
        Assert.That(invited.Accept(Link, Cleo, "cleo@example.com", Now), Is.Not.Empty);
    }

    [Test]
    public void An_invitation_that_was_revoked_cannot_be_accepted_and_revoking_twice_records_nothing_new()
    {
        var invited = Invitation(Given(), "ben@example.com");
        var revoked = Given(invited).Revoke(Link);
        Assert.That(revoked, Is.EqualTo(new[] { new InvitationRevoked(Link, "ben@example.com") }));
        Assert.That(Given(invited, revoked[0]).Revoke(Link), Is.Empty);
        Refused("invitation-revoked", 410, () => Given(invited, revoked[0]).Accept(Link, Ben, "ben@example.com", Now));
    }

    [Test]
    public void An_invitation_that_was_accepted_cannot_be_revoked()
    {
        var invited = Invitation(Given(), null);
        Refused("invitation-used", 409, () => Given([invited, .. Given(invited).Accept(Link, Ben, "ben@example.com", Now)]).Revoke(Link));
    }

    [Test]
    public void A_member_is_not_invited_again() =>
        Refused("already-member", 409, () => Invitation(Given(BenViews), "ben@example.com"));

    [Test]
    public void What_is_not_there_is_missing()
    {
        Refused("member-missing", 404, () => Given().ChangeRole(Ben, Role.Editor));
        Refused("member-missing", 404, () => Given().Remove(Ben));
        Refused("member-missing", 404, () => Given().SetAppRole(Ben, "shop", Role.Editor));
        Refused("member-missing", 404, () => Given().ClearAppRole(Ben, "shop"));
        Refused("member-missing", 404, () => Given().IssuePasswordReset(Ben));
        Refused("invitation-missing", 404, () => Given().Accept(Link, Ben, "ben@example.com", Now));
        Refused("invitation-missing", 404, () => Given().Revoke(Link));
    }

    private static Organization Given(params object[] more) => Founded.Concat(more).Aggregate(Organization.Initial, (organization, fact) => organization.Apply(fact));

    private static object Invitation(Organization organization, string? email) => organization.Invite(Link, email, Role.Editor, "00", "ada@example.com", Now).Single();

    private static void Refused(string code, int status, Action order) =>
        Assert.That(order, Throws.TypeOf<RefusedException>().With.Property(nameof(RefusedException.Code)).EqualTo(code).And.Property(nameof(RefusedException.Status)).EqualTo(status));
}
