using Causality.Http;
using Causality.Web.Audit;
using NUnit.Framework;

namespace Causality.Web.Tests.Audit;

[TestFixture]
internal sealed class AuditChangesTests
{
    [Test]
    public void What_differs_between_before_and_after_is_told_with_both() =>
        Assert.That(AuditChanges.Of("""{"before":{"role":"viewer","name":"Ada","apps":["a"]},"after":{"role":"editor","name":"Ada","apps":["a","b"],"note":"new"}}"""), Is.EqualTo(new[]
        {
            new AuditChange("role", "viewer", "editor"), new AuditChange("apps", "a", "a, b"), new AuditChange("note", null, "new"),
        }));

    [Test]
    public void What_stands_beside_them_is_told_as_it_is() =>
        Assert.That(AuditChanges.Of("""{"user_id":"7","before":{"role":"viewer"},"after":{"role":"admin"}}"""), Is.EqualTo(new[]
        {
            new AuditChange("user_id", null, "7"), new AuditChange("role", "viewer", "admin"),
        }));

    [Test]
    public void A_fact_without_before_says_all_of_it_for_the_first_time() =>
        Assert.That(AuditChanges.Of("""{"id":"shop","retention_days":30,"owner":null,"flags":{"a":true}}"""), Is.EqualTo(new[]
        {
            new AuditChange("id", null, "shop"), new AuditChange("retention_days", null, "30"), new AuditChange("flags", null, """{"a":true}"""),
        }));

    [Test]
    public void What_is_kept_of_a_secret_is_not_told() =>
        Assert.That(AuditChanges.Of("""{"key_hash":"aa","before":{"token_hash":"b"},"after":{"token_hash":"c"}}"""), Is.Empty);
}
