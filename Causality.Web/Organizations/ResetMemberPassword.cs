using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Passwords;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>
/// POST /api/v1/organizations/{organization_id}/members/{user_id}/password-reset: an admin gets a link by which the member sets a new password.
/// Who holds it is that person: so not for one who is also in other organizations, administers the installation, or signs in by a provider, who would
/// not notice the password; for these, its administrator may ask.
/// </summary>
internal static class ResetMemberPassword
{
    /// <param name="Url">To be given to the member; it works once.</param>
    public sealed record Response(Uri Url, DateTimeOffset ExpiresAt);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{organization_id}/members/{user_id:guid}/password-reset", Handle).WithName("reset-member-password").RequireRole(Role.Admin, In.Organization);

    internal static async Task<Ok<Response>> Handle(Guid organization_id, Guid user_id, Actor actor, HttpContext context, Membership organizations, IAccess access, PasswordTable passwords,
        PublicAddress address, NpgsqlDataSource database, CancellationToken ct)
    {
        var asker = await access.Of(actor, fresh: true, ct);
        if (asker is not { Administrator: true } && await IsMoreThanMember(organization_id, user_id, database, ct))
            throw new RefusedException("member-elsewhere", "This member's account is not only of this organization: ask the administrator of the installation.", StatusCodes.Status403Forbidden);
        await organizations.Change(organization_id, actor, o => o.IssuePasswordReset(user_id), ct);
        var (token, expiresAt) = (await passwords.IssueLink(user_id, mailed: false, ct))!.Value;
        return TypedResults.Ok(new Response(address.Of(context, PasswordTable.Page(token)), expiresAt));
    }

    // asked only of members, so that it tells nothing about anybody else
    private static async Task<bool> IsMoreThanMember(Guid organization, Guid user, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select u.administrator or exists (select from members elsewhere where elsewhere.user_id = u.id and elsewhere.organization_id <> $1)
                or exists (select from external_logins l where l.user_id = u.id)
            from members m join users u on u.id = m.user_id
            where m.organization_id = $1 and m.user_id = $2
            """);
        select.Parameters.AddWithValue(organization);
        select.Parameters.AddWithValue(user);
        return await select.ExecuteScalarAsync(ct) is true;
    }
}
