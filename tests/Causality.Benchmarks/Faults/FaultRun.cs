using System.Diagnostics;
using Npgsql;

namespace Causality.Benchmarks.Faults;

/// <summary>One fault, from the empty site to its row of the table.</summary>
internal sealed class FaultRun(FaultSettings settings, Func<string, Task<ILakeFolder>> lake)
{
    private const int EventsBefore = 400;
    private static readonly TimeSpan LoadAfter = TimeSpan.FromSeconds(2);

    /// <param name="drained">Done with the drained site before it is looked at: how tests show that the checker sees.</param>
    public async Task<FaultResult> Run(Fault fault, CancellationToken ct, Func<Site, Task>? drained = null)
    {
        var site = await Site.Open(settings, fault, lake, ct);
        FaultResult? result = null;
        try
        {
            await site.Begin(fault, ct);
            await Site.Until(async () => site.Journal.AcceptedSoFar > EventsBefore && await site.Count("select count(*) from lake_files") > 0, fault.Patience, ct);
            var trouble = new List<string>();
            await fault.Happen(site, ct);
            if (site.OverAt is null)
                site.Over();
            var over = site.OverAt!.Value;
            if (!await Site.Until(() => Task.FromResult(site.Journal.FirstSuccessAfter(over) is not null), fault.Patience, ct))
                trouble.Add($"no request was answered 200 within {fault.Patience.TotalSeconds:0} s");
            await Task.Delay(LoadAfter, ct);
            await site.Traffic.End();
            var seconds = await Drained(site, over, fault.Patience, ct);
            if (seconds is null)
                trouble.Add($"not drained within {fault.Patience.TotalSeconds:0} s");
            if (drained is not null)
                await drained(site);
            result = await Check(fault, site, seconds, trouble, ct);
            return result;
        }
        finally
        {
            if (result is not { Survived: true })
                Keep(fault, site, result);
            await site.DisposeAsync();
            foreach (var host in site.Hosts)
                File.Delete(host.Log);
        }
    }

    /// <summary>Looks at a lake and at the books as they are now.</summary>
    public static async Task<FaultResult> Check(Fault fault, Site site, double? drained, IEnumerable<string> sofar, CancellationToken ct)
    {
        List<string> trouble = [.. sofar];
        var stored = await StoredEvents.Read(site.Database, site.Lake, ct);
        trouble.AddRange(stored.Missing.Select(path => $"live, and not there: {path}"));
        trouble.AddRange(stored.Stray.Select(path => $"there, and unknown to the ledger: {path}"));
        trouble.AddRange(stored.Miscounted.Select(path => $"other rows than the ledger says: {path}"));
        var books = new List<string>();
        var rows = stored.Rows.CountBy(row => row.App).ToDictionary();
        foreach (var (app, _) in site.AppKeys)
            try
            {
                books.AddRange(Disagreements(app, await site.Hosts[0].Books(app, ct), site.Journal.Of(app), rows.GetValueOrDefault(app)));
            }
            catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
            {
                books.Add($"{app}: the ledger could not be asked: {silent.Message}");
            }
        var answers = site.Journal.Entries.Values.CountBy(e => e.Answer).ToDictionary();
        var first = site.Journal.FirstSuccessAfter(site.OverAt!.Value);
        return new FaultResult(fault.Name, site.Journal.Entries.Count, answers.GetValueOrDefault(Answer.Accepted), answers.GetValueOrDefault(Answer.Unknown), answers.GetValueOrDefault(Answer.Refused),
            site.Traffic.Repeats, stored, Comparison.Of(site.Journal, stored.Rows), books, first is { } at ? Stopwatch.GetElapsedTime(site.OverAt.Value, at).TotalSeconds : null, drained, trouble);
    }

    private static IEnumerable<string> Disagreements(string app, AppBooks books, Journal.Verdicts own, long rows)
    {
        if (books.InFlight != 0 || books.Accepted != books.Stored + books.Duplicates + books.Dead + books.Others || books.Balanced == false)
            yield return $"{app}: the books do not balance: {books}";
        if (books.Stored - books.Gone != rows)
            yield return $"{app}: the books say {books.Stored} stored and {books.Gone} of them gone, the files have {rows} rows";
        if (books.Accepted < own.Accepted || books.Accepted > own.Accepted + own.Unknown)
            yield return $"{app}: the books say {books.Accepted} accepted, senders got {own.Accepted} accepted and {own.Unknown} without an answer";
        if (books.Dead != own.Dead)
            yield return $"{app}: the books say {books.Dead} dead, {own.Dead} were made to be";
    }

    // seconds since the fault was over when nothing was in flight any more
    private static async Task<double?> Drained(Site site, long over, TimeSpan patience, CancellationToken ct)
    {
        double? seconds = null;
        var signedIn = false;
        return await Site.Until(async () =>
        {
            try
            {
                if (!signedIn)
                    await site.SignIn(ct);
                signedIn = true;
                foreach (var (app, _) in site.AppKeys)
                    if (await site.Hosts[0].Books(app, ct) is var books && (books.InFlight > 0 || books.Accepted < site.Journal.Of(app).Accepted))
                        return false;
                seconds = Stopwatch.GetElapsedTime(over).TotalSeconds;
                // what nobody claims to have published may still lie in a queue, or in a sink's hands
                return (await site.RabbitMqCtl(ct, "list_queues", "-p", site.VirtualHost, "messages")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .All(line => line is "0" or "messages");
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException or NpgsqlException or InvalidOperationException && !ct.IsCancellationRequested)
            {
                signedIn = false;
                return false;
            }
        }, patience, ct) ? seconds : null;
    }

    private void Keep(Fault fault, Site site, FaultResult? result)
    {
        Directory.CreateDirectory(settings.Results);
        foreach (var host in site.Hosts.Where(h => File.Exists(h.Log)))
            File.Copy(host.Log, Path.Combine(settings.Results, $"{fault.Name}-{Path.GetFileName(host.Log)}"), overwrite: true);
        File.WriteAllLines(Path.Combine(settings.Results, $"{fault.Name}-journal.tsv"), site.Journal.Entries.Values.Select(e => $"{e.Sent.App}\t{e.Sent.Key}\t{e.Answer}\t{e.Sent.Checksum}"));
        if (result is not null)
            File.WriteAllLines(Path.Combine(settings.Results, $"{fault.Name}-stored.tsv"), result.Stored.Rows.Select(r => $"{r.App}\t{r.Key}\t{r.Checksum}\t{r.File}"));
    }
}
