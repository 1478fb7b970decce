using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using Causality.Http;
using Microsoft.Extensions.Options;

namespace Causality.Web.Mail;

/// <summary>The SMTP server that mail is sent by, <c>CAUSALITY_SMTP__…</c>; without <see cref="Host"/> no mail is sent.</summary>
public sealed class SmtpOptions
{
    /// <summary>The server's name; empty for none.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 587;

    /// <summary>The user to sign in as; empty for none.</summary>
    public string User { get; set; } = "";

    /// <summary>The user's password.</summary>
    public string Password { get; set; } = "";

    /// <summary>The address that mail is from; must be set with the server.</summary>
    public string From { get; set; } = "";

    /// <summary>Whether the connection must be secured by STARTTLS.</summary>
    public bool Tls { get; set; } = true;
}

internal sealed class SmtpChecks(PublicAddress address) : IValidateOptions<SmtpOptions>
{
    public ValidateOptionsResult Validate(string? name, SmtpOptions options)
    {
        if (options.Host.Length == 0)
            return ValidateOptionsResult.Success;
        var failures = new List<string>();
        if (!MailAddress.TryCreate(options.From, out _))
            failures.Add("CAUSALITY_SMTP__FROM must be the address that mail is from, such as causality@example.com.");
        // the address of a link in a mail must not be the choice of who asked for the mail
        if (address.Known("/") is null)
            failures.Add("CAUSALITY_URL must be set where mail is sent: it is the address that links begin with.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
