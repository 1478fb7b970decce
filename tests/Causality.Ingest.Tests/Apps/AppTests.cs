using Causality.Ingest.Apps;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Apps;

[TestFixture]
internal sealed class AppTests
{
    private static readonly AppSettings Made = new("Shop", "UTC", [], null, IpPolicy.Hash);
    private static readonly AppCreated Created = new("shop", Guid.CreateVersion7(), Made);

    [Test]
    public void A_change_keeps_what_was_before_and_after_of_what_differs_and_nothing_else()
    {
        var fact = (AppSettingsChanged)Given(Created).Change(Made with { Name = "Store", RetentionDays = 30 }).Single();
        Assert.That(fact, Is.EqualTo(new AppSettingsChanged("shop", new SomeAppSettings(Name: "Shop"), new SomeAppSettings(Name: "Store", RetentionDays: 30))));
    }

    [Test]
    public void What_changes_nothing_is_no_fact() => Assert.That(Given(Created).Change(Made with { AllowedOrigins = [] }), Is.Empty);

    [Test]
    public void The_settings_are_what_the_changes_made_of_them()
    {
        AppSettings[] wanted =
        [
            Made with { RetentionDays = 30, AllowedOrigins = ["https://a.example"] },
            Made with { RetentionDays = 30, Name = "Store", IpPolicy = IpPolicy.Drop },
            Made with { Name = "Store", TimeZone = "Asia/Tokyo", IpPolicy = IpPolicy.Drop },
        ];
        var app = Given(Created);
        foreach (var settings in wanted)
        {
            app = app.Change(settings).Aggregate(app, (a, fact) => a.Apply(fact));
            Assert.That((app.Settings with { AllowedOrigins = [] }, app.Settings.AllowedOrigins), Is.EqualTo((settings with { AllowedOrigins = [] }, settings.AllowedOrigins)));
        }
    }

    [Test]
    public void Adopted_later_an_app_belongs_to_who_adopted_it()
    {
        var owner = Guid.CreateVersion7();
        var app = Given(Created with { OrganizationId = null }, new AppAdopted("shop", owner, Made));
        Assert.That((app.OrganizationId, app.Settings), Is.EqualTo((owner, Made)));
    }

    [Test]
    public void Somebody_else_is_told_of_what_changed_since_but_not_of_what_they_want_too()
    {
        var (seen, now) = (Made, Made with { Name = "Store", RetentionDays = 30, AllowedOrigins = ["https://a.example"] });
        Assert.That(now.Since(seen, seen with { Name = "Market", RetentionDays = 30, TimeZone = "Asia/Tokyo" }).Select(d => d.Field), Is.EqualTo(new[] { "name", "allowed_origins" }));
        Assert.That(now.Since(seen, now), Is.Empty);
        Assert.That(now.Since(now, seen), Is.Empty, "nothing changed since");
    }

    [TestCase("Europe/Berlin", "Europe/Berlin")]
    [TestCase("UTC", "UTC")]
    [TestCase("Europe/Berlin ", null)]
    [TestCase("W. Europe Standard Time", null)]
    [TestCase("localtime", null)]
    [TestCase("posix/Europe/Berlin", null)]
    [TestCase("../../etc/passwd", null)]
    [TestCase("", null)]
    [TestCase("Europe//Berlin", null)]
    public void A_time_zone_is_one_of_IANA(string name, string? zone) => Assert.That(SettingRules.Zone(name), Is.EqualTo(zone));

    private static App Given(params object[] history) => history.Aggregate(App.Initial, (app, fact) => app.Apply(fact));
}
