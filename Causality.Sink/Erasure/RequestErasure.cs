using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Erasure;

/// <summary>
/// POST /api/v1/operations/erasures: an admin of an app has all events of a person erased that were received until now. It is recorded
/// at once, and done within minutes; asked again while it is not done, the same erasure answers. A dry run counts, and changes nothing.
/// </summary>
internal static class RequestErasure
{
    /// <param name="UserId">The user, as <c>user_id</c> of events.</param>
    /// <param name="DeviceIds">Devices whose events go too, such as those from before the sign-in; at most 100.</param>
    public sealed record Request(string AppId, string? UserId = null, IReadOnlyList<string>? DeviceIds = null, bool DryRun = false) : IOfApp;

    /// <param name="Rows">Events in the lake that would go.</param>
    /// <param name="Files">Files that would be written again.</param>
    /// <param name="DeadLetters">Dead letters that hold some.</param>
    public sealed record Found(long Rows, long Files, long DeadLetters);

    public sealed class Checks : AbstractValidator<Request>
    {
        private const int MostDevices = 100, LongestId = 1024;

        public Checks()
        {
            RuleFor(r => r.AppId).Must(id => AppId.IsValid(id)).WithMessage("must be the id of an app");
            RuleFor(r => r.UserId).Must(id => id is null || IsId(id)).WithMessage($"must be a user_id of 1 to {LongestId} characters");
            RuleFor(r => r.DeviceIds).Must(d => d is null or { Count: >= 1 and <= MostDevices }).WithMessage($"must name 1 to {MostDevices} devices");
            RuleForEach(r => r.DeviceIds).Must(IsId).WithMessage($"must be a device_id of 1 to {LongestId} characters");
            RuleFor(r => r.UserId).Must((r, id) => id is not null || r.DeviceIds is { Count: > 0 }).WithMessage("must be given, or device_ids");
        }

        internal static bool IsId(string? id) => id is { Length: >= 1 and <= LongestId } && !id.Contains('\0', StringComparison.Ordinal);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/erasures", Handle).WithName("request-erasure").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.App);

    internal static async Task<Results<Accepted<ErasureReport>, Ok<Found>>> Handle(Request request, Actor actor, HttpContext context, NpgsqlDataSource database, EraseLake lake, EraseDeadLetters letters, IAuditTrail audit, TimeProvider clock, CancellationToken ct)
    {
        var person = new Person(request.AppId, request.UserId, [.. (request.DeviceIds ?? []).Distinct().Order(StringComparer.Ordinal)], clock.GetUtcNow());
        if (request.DryRun)
        {
            var found = await lake.Find(person, await lake.Files(request.AppId, ct), ct);
            return TypedResults.Ok(new Found(found.Sum(f => f.Rows), found.Count, await letters.Find(person, ct)));
        }
        // who is erased is not written into the log of who did what
        await audit.Record(new AuditEntry("erasure-requested", $"app/{request.AppId}", Granted.Of(context).OrganizationId, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId), ct);
        var report = await Record(person, actor.Email, database, ct);
        return TypedResults.Accepted($"/api/v1/operations/erasures?app_id={request.AppId}", report);
    }

    internal static async Task<ErasureReport> Record(Person person, string by, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ErasedPeople.HoldFlushes(transaction, ct);
        await using var insert = new NpgsqlCommand(
            $"""
            with again as (
                update erasures set requested_at = $5 where app_id = $2 and user_id is not distinct from $3 and device_ids = $4 and state = 'requested' returning *),
            made as (
                insert into erasures (id, app_id, user_id, device_ids, requested_at, requested_by) select $1, $2, $3, $4, $5, $6 where not exists (select from again) returning *)
            select {ErasureReport.Columns} from (select * from again union all select * from made) e
            """, connection, transaction);
        insert.Parameters.AddWithValue(Guid.CreateVersion7());
        insert.Parameters.AddWithValue(person.AppId);
        insert.Parameters.Add(new NpgsqlParameter { Value = (object?)person.UserId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.AddWithValue(person.DeviceIds.ToArray());
        insert.Parameters.AddWithValue(person.ReceivedBefore);
        insert.Parameters.AddWithValue(by);
        ErasureReport report;
        await using (var reader = await insert.ExecuteReaderAsync(ct))
        {
            await reader.ReadAsync(ct);
            report = ErasureReport.Read(reader);
        }
        await transaction.CommitAsync(ct);
        return report;
    }
}
