using System.Globalization;
using System.Text;

namespace Causality.Web.Accounts.Passwords;

/// <summary>
/// Which passwords are refused, after NIST SP 800-63B: short ones, and those that a guesser tries first: common ones, the words of the context, one
/// thing repeated, a sequence. There are no rules of composition and no expiry. What is weak is taken out of a password, and what is left
/// must still be something to guess, so that <c>Password2026!</c> does not pass and four words do though one of them is common.
/// </summary>
internal static class PasswordRules
{
    public const int MinLength = 12, MaxLength = 1_024;
    public const string LengthRule = "must be 12 to 1,024 characters; several words make a good one";

    private const int LeastLeft = 6, ShortestRun = 4, ShortestWord = 4;

    // as they lie on a keyboard or in a counting rhyme; each is read both ways
    private static readonly string[] Sequences = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"];

    private static readonly string[] Weak = [.. Read("Causality.Web.Accounts.Passwords.weak-words.txt").OrderByDescending(w => w.Length)];
    private static readonly string[] Runs = [.. Sequences, .. Sequences.Select(s => new string([.. s.Reverse()]))];

    /// <summary>Characters as people count them: code points of the normal form.</summary>
    public static bool HasLength(string? password) => password is { Length: > 0 and <= 2 * MaxLength } && password.EnumerateRunes().Count() is >= MinLength and <= MaxLength;

    /// <summary>NFKC, so that a password is the same from every keyboard (NIST SP 800-63B, 3.1.1.2). U+FFFE, which is no character and which .NET does not normalize, counts as U+FFFD.</summary>
    public static string Normalize(string password) => password.Replace('\uFFFE', '\uFFFD').Normalize(NormalizationForm.FormKC);

    /// <summary>What is wrong with a password of the right length, in words; null when it may be had. <paramref name="context"/>: e-mail, name.</summary>
    public static string? Problem(string password, params IEnumerable<string> context)
    {
        var text = Fold(Normalize(password));
        string[] words = [.. context.SelectMany(Words).OrderByDescending(w => w.Length)];
        return Judge(text, words) ?? Judge(WithLetters(text), words);
    }

    private static string? Judge(string text, string[] context)
    {
        if (Repeats(text) || text.Distinct().Count() < 4)
            return "repeats itself, and is easily guessed";
        var left = Without(text, context);
        if (left.Length < LeastLeft)
            return "is little more than your e-mail, your name or the name of this product, and is easily guessed";
        left = WithoutRuns(Without(left, Weak));
        return left.Count(char.IsLetterOrDigit) < LeastLeft ? "is one of the passwords that are tried first, or a sequence; choose one that others do not have" : null;
    }

    /// <summary>Lower case, without what is between words.</summary>
    private static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.ToLower(CultureInfo.InvariantCulture))
            if (!char.IsWhiteSpace(c) && c is not ('-' or '_' or '.'))
                folded.Append(c);
        return folded.ToString();
    }

    /// <summary>The letters that digits and signs usually stand for: <c>p4$$w0rd</c>.</summary>
    private static string WithLetters(string text) =>
        string.Create(text.Length, text, static (letters, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                letters[i] = from[i] switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', var c => c };
        });

    private static bool Repeats(string text)
    {
        for (var unit = 1; unit <= text.Length / 2; unit++)
            if (Enumerable.Range(unit, text.Length - unit).All(i => text[i] == text[i - unit]))
                return true;
        return text.Length == 0;
    }

    private static IEnumerable<string> Words(string context)
    {
        var parts = context.Split(['@', '.', '-', '_', '+', ' '], StringSplitOptions.RemoveEmptyEntries).Concat(context.Split('@')).Append(context);
        return parts.Append("causality").Select(Fold).Where(w => w.Length >= ShortestWord);
    }

    private static string Without(string text, IEnumerable<string> words)
    {
        foreach (var word in words)
            text = text.Replace(word, "", StringComparison.Ordinal);
        return text;
    }

    /// <summary>Takes out what goes along a sequence, or stays on one character, for four or more.</summary>
    private static string WithoutRuns(string text)
    {
        var left = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var run = 1;
            while (i + run < text.Length && text[i + run] == text[i])
                run++;
            for (var length = ShortestRun; i + length <= text.Length && Runs.Any(r => r.Contains(text.Substring(i, length), StringComparison.Ordinal)); length++)
                run = Math.Max(run, length);
            if (run < ShortestRun)
                left.Append(text, i, run);
            i += run;
        }
        return left.ToString();
    }

    private static IEnumerable<string> Read(string resource)
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream(resource)!);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#')
                foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    yield return word;
    }
}
