using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.DeadLetters;

/// <summary>
/// GET /api/v1/operations/dead-letters/letters?reason=&amp;app_id=&amp;state=&amp;before=&amp;limit=: letters, the newest first, each with its first events as JSON. Open ones unless
/// <c>state</c> says otherwise. Of one app for its admins, without it all for administrators.
/// </summary>
internal static class ListLetters
{
    private const int Usual = 20, Most = 50, PreviewEvents = 5, PreviewBytes = 64 * 1024, PreviewCharacters = 500;

    private static readonly string[] Replayed = ["replaying", "replayed"];

    /// <param name="Next">For <c>before</c>, to read on; left out at the end.</param>
    public sealed record Response(IReadOnlyList<ShownLetter> Letters, string? Next = null);

    public static void Map(IEndpointRouteBuilder letters) =>
        letters.MapGet("/letters", Handle).WithName("list-dead-letters").RequireRoleOrAdministrator(Role.Admin).ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Ok<Response>> Handle(string? reason, string? app_id, string? state, string? before, int? limit, NpgsqlDataSource database, CancellationToken ct)
    {
        if (limit is < 1 or > Most)
            throw Invalid($"limit must be 1 to {Most}.");
        if (state is not (null or "open" or "replayed" or "discarded"))
            throw Invalid($"state must be open, replayed or discarded, not \"{state}\".");
        var cursor = before is not { Length: > 0 } ? (Guid?)null : Guid.TryParse(before, out var id) ? id : throw Invalid("before must be what an answer gave as next.");
        var size = limit ?? Usual;
        await using var select = database.CreateCommand(
            $"""
            select {ShownLetter.Columns}, substr(body, 1, {PreviewBytes}) from dead_letters
            where state = any($1) and ($2::text is null or reason = $2) and ($3::text is null or app_id = $3) and ($4::uuid is null or id < $4)
            order by id desc limit $5
            """);
        select.Parameters.AddWithValue(state == "replayed" ? Replayed : [state ?? "open"]);
        select.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = reason, NpgsqlDbType = NpgsqlDbType.Text });
        select.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = app_id, NpgsqlDbType = NpgsqlDbType.Text });
        select.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = cursor, NpgsqlDbType = NpgsqlDbType.Uuid });
        select.Parameters.AddWithValue(size + 1);
        await using var rows = await select.ExecuteReaderAsync(ct);
        var letters = new List<ShownLetter>(size + 1);
        while (await rows.ReadAsync(ct))
            letters.Add(ShownLetter.Of(rows, PreviewEvents, PreviewCharacters));
        return TypedResults.Ok(letters.Count > size ? new Response(letters[..size], letters[size - 1].Id.ToString()) : new Response(letters));
    }

    private static RefusedException Invalid(string message) => new("dead-letter-filter-invalid", message, StatusCodes.Status400BadRequest);
}
