namespace Causality.Host.Demo;

/// <summary>A version of the shop's app, from the moment it is offered.</summary>
internal sealed record Release(string Version, string Build, long AtMs, bool Broken, bool Hotfix);

/// <summary>
/// The app's versions over the history: one every two weeks (a sixth of the history when it is short). One release on Android is
/// broken, its payment sheet hangs and it crashes, until a hotfix follows a week later.
/// </summary>
internal sealed class Releases
{
    private readonly List<Release> _offered = [];
    private readonly double _pace;

    public Releases(DateTimeOffset from, int days)
    {
        var every = TimeSpan.FromDays(Math.Min(14, days / 6.0));
        _pace = every / TimeSpan.FromDays(14);
        var broken = 2 + (int)Math.Round(days * 0.6 / every.TotalDays);
        for (var minor = 0; from + (minor - 2) * every < from.AddDays(days); minor++)
        {
            var at = from + (minor - 2) * every;
            _offered.Add(new Release($"3.{minor}.0", $"{300 + minor * 10}", at.ToUnixTimeMilliseconds(), minor == broken, Hotfix: false));
            if (minor != broken)
                continue;
            BrokenFrom = at;
            BrokenUntil = at + every / 2;
            _offered.Add(new Release($"3.{minor}.1", $"{301 + minor * 10}", BrokenUntil.ToUnixTimeMilliseconds(), Broken: false, Hotfix: true));
        }
    }

    public DateTimeOffset BrokenFrom { get; }

    public DateTimeOffset BrokenUntil { get; }

    /// <summary>The newest version that this device has by now: a website changes at once, a phone when its owner updates.</summary>
    public Release On(Platform platform, double updateAfterDays, long atMs)
    {
        for (var i = _offered.Count - 1; i > 0; i--)
        {
            var release = _offered[i];
            if (release.Hotfix && platform != Platform.Android)
                continue;
            var delay = platform == Platform.Web ? 0 : updateAfterDays * _pace * (release.Hotfix ? 0.2 : 1);
            if (release.AtMs + delay * 86_400_000 <= atMs)
                return release.Broken && platform != Platform.Android ? release with { Broken = false } : release;
        }
        return _offered[0];
    }
}
