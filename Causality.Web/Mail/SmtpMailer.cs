using System.Net;
using System.Net.Mail;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Web.Mail;

/// <summary>Sends mail by SMTP, one message after another, from a queue of at most a thousand; each is tried three times.</summary>
internal sealed class SmtpMailer(IOptions<SmtpOptions> options, TimeProvider clock, ILogger<SmtpMailer> log) : BackgroundService, IMailer
{
    private const int MaxWaiting = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15)];

    private readonly SmtpOptions _server = options.Value;
    private readonly Channel<OutgoingMail> _waiting = Channel.CreateBounded<OutgoingMail>(MaxWaiting);

    public bool Configured => _server.Host.Length > 0;

    public void Send(OutgoingMail mail)
    {
        if (!Configured || !_waiting.Writer.TryWrite(mail))
            log.Dropped(mail.Subject);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var mail in _waiting.Reader.ReadAllAsync(stoppingToken))
            await Deliver(mail, stoppingToken);
    }

    private async Task Deliver(OutgoingMail mail, CancellationToken ct)
    {
        for (var tries = 0; ; tries++)
            try
            {
                await Once(mail, ct);
                return;
            }
            catch (Exception failed) when (!ct.IsCancellationRequested)   // whatever is wrong with one mail is nothing to the next
            {
                if (tries == Pauses.Length || failed is FormatException)
                {
                    log.NotSent(failed, mail.Subject);
                    return;
                }
                await Task.Delay(Pauses[tries], clock, ct);
            }
    }

    private async Task Once(OutgoingMail mail, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        using var client = new SmtpClient(_server.Host, _server.Port) { EnableSsl = _server.Tls };
        if (_server.User.Length > 0)
            client.Credentials = new NetworkCredential(_server.User, _server.Password);
        using var message = new MailMessage(new MailAddress(_server.From), new MailAddress(mail.To)) { Subject = mail.Subject.ReplaceLineEndings(" "), Body = mail.Text, IsBodyHtml = false };
        await client.SendMailAsync(message, deadline.Token);
    }
}

internal static partial class MailLog
{
    [LoggerMessage(5101, LogLevel.Warning, "A mail '{Subject}' was not sent: there is no SMTP server, or too many wait for it")]
    public static partial void Dropped(this ILogger log, string subject);

    [LoggerMessage(5102, LogLevel.Warning, "A mail '{Subject}' could not be sent in three tries")]
    public static partial void NotSent(this ILogger log, Exception failed, string subject);
}
