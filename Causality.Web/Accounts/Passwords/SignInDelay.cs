using System.Globalization;
using Causality.Contracts;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Causality.Web.Accounts.Passwords;

/// <summary>
/// Slows down who tries passwords of one account: after five wrong ones the next try waits 1 s, and twice as long after each, to 15 minutes. Counted by
/// e-mail whether or not there is such an account, shared by every host. Each try is counted before it is judged, so that many at once are
/// no way around; a right one takes the count back. A try that comes too early is not judged and not counted.
/// </summary>
internal sealed class SignInDelay(NpgsqlDataSource database, TimeProvider clock)
{
    public const int Free = 5;
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>How long to wait still; null where the try may be made, and is counted.</summary>
    public async Task<TimeSpan?> Begin(string email, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var count = database.CreateCommand(
            """
            insert into sign_in_failures as f (email, failures, last_at) values ($1, 1, $2)
            on conflict (email) do update set failures = f.failures + 1, last_at = $2
            where f.failures < $3 or f.last_at + make_interval(secs => least($4, power(2, least(f.failures - $3, 30)))) <= $2
            returning failures
            """);
        count.Parameters.AddWithValue(EmailAddress.Normalize(email));
        count.Parameters.AddWithValue(now);
        count.Parameters.AddWithValue(Free);
        count.Parameters.AddWithValue(Longest.TotalSeconds);
        if (await count.ExecuteScalarAsync(ct) is not null)
            return null;
        await using var select = database.CreateCommand("select last_at + make_interval(secs => least($3, power(2, least(failures - $2, 30)))) from sign_in_failures where email = $1");
        select.Parameters.AddWithValue(EmailAddress.Normalize(email));
        select.Parameters.AddWithValue(Free);
        select.Parameters.AddWithValue(Longest.TotalSeconds);
        var until = await select.ExecuteScalarAsync(ct) is DateTime at ? new DateTimeOffset(at) : now;
        return until > now ? until - now : TimeSpan.FromSeconds(1);
    }

    /// <summary>The password was right: what was counted is forgotten.</summary>
    public async Task Forget(string email, CancellationToken ct)
    {
        await using var delete = database.CreateCommand("delete from sign_in_failures where email = $1");
        delete.Parameters.AddWithValue(EmailAddress.Normalize(email));
        await delete.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The refusal of a try that comes too early; the answer says when it may be made.</summary>
    public static RefusedException TooEarly(HttpContext context, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        // the error handler clears the headers that are set by then
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        return new RefusedException("sign-in-delayed", $"There were too many wrong passwords for this e-mail. Try again in {seconds} s.", StatusCodes.Status429TooManyRequests);
    }
}
