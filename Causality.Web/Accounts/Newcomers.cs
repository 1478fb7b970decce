using Causality.Contracts;
using Causality.EventStore.Projections;
using Causality.Http;
using Causality.Web.Organizations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Web.Accounts;

/// <summary>Somebody who wants an account.</summary>
/// <param name="Organization">What their own organization is to be called; null for a name made of theirs.</param>
/// <param name="Invitation">The token of an invitation, whose organization is joined instead.</param>
internal sealed record Newcomer(string Email, string Name, string? PasswordHash, bool EmailVerified, string? Organization = null, string? Invitation = null);

/// <summary>
/// Makes accounts, each together with its membership of an organization, in one transaction: what cannot be joined or made leaves no account behind.
/// </summary>
internal sealed class Newcomers(UserTable users, IMembership membership, AccountTrail trail, IOptions<AccountsOptions> options)
{
    /// <summary>Whether an account can be had without an invitation. The first of an installation always can: nobody could invite.</summary>
    public async Task<bool> AreWelcome(CancellationToken ct) => options.Value.Registration == RegistrationMode.Open || !await users.Any(ct);

    public async Task<User> Admit(HttpContext context, Newcomer newcomer, CancellationToken ct)
    {
        if (newcomer.Invitation is not null)
            await membership.CheckInvitation(newcomer.Invitation, newcomer.Email, ct);
        else if (!await AreWelcome(ct))
            throw new RefusedException("registration-closed", "Accounts of this installation are for who was invited. Ask an admin for an invitation.", StatusCodes.Status403Forbidden);
        var actor = new Actor(Guid.CreateVersion7(), EmailAddress.Normalize(newcomer.Email), Guid.Empty, context.Connection.RemoteIpAddress?.ToString(), context.TraceIdentifier);
        void Account(Rows rows) => users.Add(rows, actor.UserId, newcomer);
        try
        {
            if (newcomer.Invitation is not null)
                await membership.AcceptInvitation(newcomer.Invitation, actor, ct, Account);
            else
                await membership.CreateOrganization(newcomer.Organization ?? TeamOf(newcomer), actor, ct, Account);
        }
        catch (PostgresException taken) when (taken is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "users" })
        {
            throw new RefusedException("email-taken", "There is an account with this e-mail. Sign in, or choose a new password.", StatusCodes.Status409Conflict);
        }
        var user = (await users.Find(actor.UserId, ct))!;
        await trail.Record(context, "registered", user.Id, user.Email, ("by", newcomer.PasswordHash is null ? "provider" : "password"));
        return user;
    }

    private static string TeamOf(Newcomer newcomer) => $"{(newcomer.Name.Length > 0 ? newcomer.Name : newcomer.Email.Split('@')[0])}'s team";
}
