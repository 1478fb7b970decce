using System.Threading.Channels;
using Causality.Http;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Mail;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Causality.Web.Accounts;

/// <summary>Finds out in the background who asked for a new password, so that the answer takes no longer for an account that exists, and mails the link.</summary>
internal sealed class PasswordResetMails(UserTable users, PasswordTable passwords, IMailer mailer, PublicAddress address, ILogger<PasswordResetMails> log) : BackgroundService
{
    private const int MaxWaiting = 1_000;

    private readonly Channel<string> _asked = Channel.CreateBounded<string>(MaxWaiting);

    /// <summary>When too many wait, the request is dropped: asking again is what a person does anyway.</summary>
    public void Ask(string email)
    {
        if (mailer.Configured && !_asked.Writer.TryWrite(email))
            log.ResetDropped();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var email in _asked.Reader.ReadAllAsync(stoppingToken))
            try
            {
                if (await users.Find(email, stoppingToken) is { } user && await passwords.IssueLink(user.Id, mailed: true, stoppingToken) is var (token, _))
                    mailer.Send(new OutgoingMail(user.Email, "A new password for Causality",
                        $"""
                        Somebody, probably you, asked for a new password for the account {user.Email}.

                        This link leads to it. It works once, within an hour:
                        {address.Known(PasswordTable.Page(token))}

                        If it was not you, do nothing: the password stays as it is.
                        """));
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)   // a name that does not resolve is no NpgsqlException, and would stop the host
            {
                log.ResetFailed(failed);
            }
    }
}

internal static partial class PasswordResetLog
{
    [LoggerMessage(5111, LogLevel.Warning, "A request for a new password was dropped: too many wait")]
    public static partial void ResetDropped(this ILogger log);

    [LoggerMessage(5112, LogLevel.Warning, "A link to a new password could not be made")]
    public static partial void ResetFailed(this ILogger log, Exception away);
}
