using NUnit.Framework;

namespace Causality.Ingest.Tests;

[TestFixture]
internal sealed class IngestOptionsTests
{
    [Test]
    public void The_defaults_are_valid() => Assert.That(new IngestOptions.Checks().Validate(null, new IngestOptions()).Succeeded);

    [Test]
    public void A_bad_setting_is_named_and_so_is_the_next()
    {
        var result = new IngestOptions.Checks().Validate(null, new IngestOptions { EventsPerSecond = 0, PublishDeadline = TimeSpan.Zero });
        Assert.That(result.Failures, Has.Exactly(1).Contains("Ingest:EventsPerSecond"));
        Assert.That(result.Failures, Has.Exactly(1).Contains("Ingest:PublishDeadline"));
    }
}
