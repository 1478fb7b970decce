using Causality.Web.Accounts.Passwords;
using NUnit.Framework;

namespace Causality.Web.Tests.Passwords;

[TestFixture]
internal sealed class PasswordRulesTests
{
    [TestCase("correct horse battery staple")]
    [TestCase("a long password of the tests")]
    [TestCase("Tr0ub4dor&3 and more")]
    [TestCase("kD8#vq2Lw!pz")]
    [TestCase("vqxjwkbzgrmt")]
    [TestCase("729104836655")]
    [TestCase("пароль длинный очень")]
    [TestCase("   spaces  count   too")]
    public void What_is_hard_to_guess_may_be_had(string password) => Assert.That((PasswordRules.HasLength(password), Problem(password)), Is.EqualTo((true, (string?)null)));

    [TestCase("password1234")]
    [TestCase("Password2026!")]
    [TestCase("p4$$w0rd2026")]
    [TestCase("letmein-now-letmein")]
    [TestCase("iloveyou1234")]
    [TestCase("welcome12345")]
    [TestCase("Sunshine2025!!")]
    [TestCase("Football123456")]
    [TestCase("changeme12345")]
    [TestCase("admin1234567")]
    public void Common_ones_are_refused_also_with_digits_and_signs(string password) => Assert.That(Problem(password), Does.Contain("tried first"));

    [TestCase("123456789012")]
    [TestCase("098765432109")]
    [TestCase("abcdefghijkl")]
    [TestCase("qwertyuiop12")]
    [TestCase("qwertzuiopas")]
    [TestCase("1q2w3e4r5t6y")]
    [TestCase("1qaz2wsx3edc")]
    [TestCase("lkjhgfdsamnbvcxz")]
    public void Sequences_are_refused(string password) => Assert.That(Problem(password), Is.Not.Null);

    [TestCase("aaaaaaaaaaaa")]
    [TestCase("abcabcabcabc")]
    [TestCase("xK9xK9xK9xK9")]
    [TestCase("ababababababa")]
    [TestCase("            ")]
    [TestCase("112112112112")]
    [TestCase("PASSWORD PASSWORD")]
    public void Repetitions_are_refused(string password) => Assert.That(Problem(password), Does.Contain("repeats itself"));

    [TestCase("ada.lovelace1815")]
    [TestCase("AdaLovelace2026")]
    [TestCase("example.com1815")]
    [TestCase("Causality2026!")]
    [TestCase("c4us4l1ty!2026")]
    public void What_is_made_of_the_person_or_the_product_is_refused(string password) => Assert.That(Problem(password), Is.Not.Null);

    [TestCase("elevenchars", false)]
    [TestCase("twelve chars", true)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void It_takes_twelve_characters(string? password, bool enough) => Assert.That(PasswordRules.HasLength(password), Is.EqualTo(enough));

    [Test]
    public void Characters_are_counted_as_people_count_them()
    {
        Assert.That(PasswordRules.HasLength(string.Concat(Enumerable.Repeat("🐎", 11))), Is.False);
        Assert.That(PasswordRules.HasLength(string.Concat(Enumerable.Repeat("🐎", 12))), Is.True);
        Assert.That(PasswordRules.HasLength(new string('x', 1_024)), Is.True);
        Assert.That(PasswordRules.HasLength(new string('x', 1_025)), Is.False);
    }

    private static string? Problem(string password) => PasswordRules.Problem(password, "ada.lovelace@example.com", "Ada Lovelace");
}
