using System.Text;
using Causality.Ingest.ApiKeys;
using NUnit.Framework;

namespace Causality.Ingest.Tests.ApiKeys;

[TestFixture]
internal sealed class KeyTextTests
{
    [Test]
    public void A_new_key_is_well_formed_and_forty_characters_long()
    {
        var key = KeyText.Create();
        Assert.That(key, Does.Match("^cak_[0-9A-Za-z]{36}$"));
        Assert.That(KeyText.IsWellFormed(key));
        Assert.That(KeyText.Create(), Is.Not.EqualTo(key));
    }

    [Test]
    public void The_checksum_is_the_published_crc_32_in_base_62()
    {
        // zlib's crc32 of thirty digits 0 is 0x77E5DB82
        Assert.That(KeyText.IsWellFormed("cak_" + new string('0', 30) + "2C8GjS"));
    }

    [Test]
    public void One_wrong_character_makes_a_key_malformed([Range(4, 39)] int at)
    {
        var key = new StringBuilder(KeyText.Create());
        key[at] = key[at] == 'a' ? 'b' : 'a';
        Assert.That(KeyText.IsWellFormed(key.ToString()), Is.False);
    }

    [Test]
    public void The_old_form_of_64_lowercase_hex_digits_is_accepted()
    {
        Assert.That(KeyText.IsWellFormed(new string('a', 64)));
        Assert.That(KeyText.IsWellFormed(new string('A', 64)), Is.False);
        Assert.That(KeyText.IsWellFormed(new string('g', 64)), Is.False);
        Assert.That(KeyText.IsWellFormed(new string('a', 63)), Is.False);
    }

    [TestCase("")]
    [TestCase("cak_")]
    [TestCase("demo")]
    public void Other_text_is_malformed(string text) => Assert.That(KeyText.IsWellFormed(text), Is.False);

    [Test]
    public void The_hash_is_the_sha_256_of_the_text() =>
        Assert.That(KeyHash.Of(new string('a', 64)).ToArray(),
            Is.EqualTo(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(new string('a', 64)))));
}
