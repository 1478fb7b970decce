namespace Causality.Web.Mail;

/// <summary>A message to one person, as plain text.</summary>
internal sealed record OutgoingMail(string To, string Subject, string Text);

/// <summary>Sends mail. A port: without an SMTP server there is none, and tests read what is sent.</summary>
internal interface IMailer
{
    /// <summary>Whether mail can be sent at all.</summary>
    bool Configured { get; }

    /// <summary>Hands over a message and returns at once; it is sent in the background. What cannot be sent is logged and lost.</summary>
    void Send(OutgoingMail mail);
}
