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
/// GET /api/v1/operations/dead-letters/letters/{letter_id}: one letter with its events as JSON, up to 1,000. GET …/body: its bytes, a batch of
/// accepted.proto as far as it can be read. With <c>?app_id=</c> for the app's admins, without it for administrators.
/// </summary>
internal static class ShowLetter
{
    private const int PreviewEvents = 1_000, PreviewCharacters = 100_000;

    public static void Map(IEndpointRouteBuilder letters)
    {
        letters.MapGet("/letters/{letter_id:guid}", Handle).WithName("show-dead-letter").RequireRoleOrAdministrator(Role.Admin);
        letters.MapGet("/letters/{letter_id:guid}/body", Download).WithName("download-dead-letter").RequireRoleOrAdministrator(Role.Admin)
            .Produces<byte[]>(contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status410Gone);
    }

    private static async Task<Ok<ShownLetter>> Handle(Guid letter_id, string? app_id, NpgsqlDataSource database, CancellationToken ct) =>
        TypedResults.Ok((await Find(letter_id, app_id, database, ct)).Letter);

    private static async Task<FileContentHttpResult> Download(Guid letter_id, string? app_id, NpgsqlDataSource database, CancellationToken ct)
    {
        var (letter, body) = await Find(letter_id, app_id, database, ct);
        return letter.Bytes > 0 ? TypedResults.File(body, "application/octet-stream", $"dead-letter-{letter_id}.bin")
            : throw new RefusedException("dead-letter-gone", $"The letter was {letter.State}; its bytes are not kept.", StatusCodes.Status410Gone);
    }

    private static async Task<(ShownLetter Letter, byte[] Body)> Find(Guid id, string? app, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"select {ShownLetter.Columns}, body from dead_letters where id = $1 and ($2::text is null or app_id = $2)");
        select.Parameters.AddWithValue(id);
        select.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = app, NpgsqlDbType = NpgsqlDbType.Text });
        await using var row = await select.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? (ShownLetter.Of(row, PreviewEvents, PreviewCharacters), (byte[])row[ShownLetter.BodyColumn])
            : throw new RefusedException("dead-letter-missing", "There is no such dead letter.", StatusCodes.Status404NotFound);
    }
}
