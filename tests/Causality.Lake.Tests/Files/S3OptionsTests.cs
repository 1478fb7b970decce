using Causality.Lake.Files.S3;
using NUnit.Framework;

namespace Causality.Lake.Tests.Files;

[TestFixture]
internal sealed class S3OptionsTests
{
    [Test]
    public void Nothing_set_is_a_lake_on_the_local_disk_and_a_bucket_alone_one_at_amazon() =>
        Assert.That(new[] { new S3Options(), new S3Options { Bucket = "lake" } }.Select(o => (Failures(o).Count(), o.IsConfigured)), Is.EqualTo(new[] { (0, false), (0, true) }));

    [TestCase("https://s3.example.com")]
    [TestCase("http://minio:9000/")]
    public void An_endpoint_is_an_address_without_a_path(string endpoint) => Assert.That(Failures(new S3Options { Bucket = "lake", Endpoint = endpoint }), Is.Empty);

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("CAUSALITY_S3__BUCKET", new S3Options { Endpoint = "http://minio:9000" });
        yield return Case("CAUSALITY_S3__ENDPOINT", new S3Options { Bucket = "lake", Endpoint = "minio:9000" });
        yield return Case("CAUSALITY_S3__ENDPOINT", new S3Options { Bucket = "lake", Endpoint = "http://minio:9000/lake" });
        yield return Case("CAUSALITY_S3__ENDPOINT", new S3Options { Bucket = "lake", Endpoint = "http://key:secret@minio:9000" });
        yield return Case("CAUSALITY_S3__ACCESSKEY", new S3Options { Bucket = "lake", SecretKey = "secret" });
        yield return Case("CAUSALITY_S3__ACCESSKEY", new S3Options { Bucket = "lake", AccessKey = "key" });
        yield return Case("CAUSALITY_S3__PREFIX", new S3Options { Bucket = "lake", Prefix = "/lake" });
        yield return Case("CAUSALITY_S3__PREFIX", new S3Options { Bucket = "lake", Prefix = "a/../b" });
        yield return Case("CAUSALITY_S3__RETRYTIMEOUT", new S3Options { Bucket = "lake", RetryTimeout = TimeSpan.FromSeconds(1) });

        static TestCaseData Case(string setting, S3Options options) => new(setting, options);
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_wrong_setting_is_refused_by_its_name_and_no_secret_is_told(string setting, object options)
    {
        var failure = Failures((S3Options)options).Single();
        Assert.That(failure, Does.StartWith(setting).And.Not.Contain("secret"));
    }

    private static IEnumerable<string> Failures(S3Options options) => new S3Checks().Validate(null, options).Failures ?? [];
}
