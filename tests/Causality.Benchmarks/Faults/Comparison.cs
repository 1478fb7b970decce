namespace Causality.Benchmarks.Faults;

/// <summary>
/// The sets side by side. Lost: accepted, and in no live row. Doubled: a key in more than one live row. Invented: stored and never sent, or sent and only ever
/// refused. Changed: stored otherwise than it was sent.
/// </summary>
internal sealed record Comparison(IReadOnlyList<string> Lost, IReadOnlyList<string> Doubled, IReadOnlyList<string> Invented, IReadOnlyList<string> Changed)
{
    public bool Clean => Lost.Count + Doubled.Count + Invented.Count + Changed.Count == 0;

    public static Comparison Of(Journal journal, IReadOnlyCollection<StoredEvent> stored)
    {
        var byKey = stored.ToLookup(row => (row.App, row.Key));
        return new Comparison(
            [.. journal.Entries.Where(e => e.Value.Answer == Answer.Accepted && !e.Value.MayExpire && !byKey.Contains(e.Key)).Select(e => Name(e.Key))],
            [.. byKey.Where(rows => rows.Skip(1).Any()).Select(rows => $"{Name(rows.Key)} in {string.Join(", ", rows.Select(r => r.File))}")],
            [.. byKey.Where(rows => !journal.Entries.TryGetValue(rows.Key, out var entry) || entry.Answer == Answer.Refused).Select(rows => $"{Name(rows.Key)} in {rows.First().File}")],
            [.. stored.Where(row => journal.Entries.TryGetValue((row.App, row.Key), out var entry) && entry.Sent.Checksum != row.Checksum)
                .Select(row => $"{Name((row.App, row.Key))}: {row.Checksum}, sent {journal.Entries[(row.App, row.Key)].Sent}")]);
    }

    private static string Name((string App, string Key) key) => $"{key.App}/{key.Key}";
}
