namespace Causality.Architecture.Tests;

/// <summary>The files of this repository, as they lie on disk; paths are relative to its root, with forward slashes.</summary>
internal static class Repository
{
    private static readonly HashSet<string> NotOurs = ["bin", "obj", "artifacts", "node_modules", "dist", "coverage", "TestResults", "test-results", "playwright-report"];

    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Every file of our own with this ending; what is built, fetched or hidden is not.</summary>
    public static IReadOnlyList<string> Files(string ending) =>
        [.. Below(new DirectoryInfo(Root)).Where(file => file.Name.EndsWith(ending, StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>The same, of the product alone, without its tests.</summary>
    public static IReadOnlyList<string> Sources(string ending) =>
        [.. Files(ending).Where(path => path.StartsWith("Causality.", StringComparison.Ordinal) && !path.EndsWith(".sln", StringComparison.Ordinal))];

    private static IEnumerable<FileInfo> Below(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(folder.EnumerateDirectories()
            .Where(child => !NotOurs.Contains(child.Name) && !child.Name.StartsWith('.') && child.LinkTarget is null)
            .SelectMany(Below));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Causality.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"There is no Causality.sln above {AppContext.BaseDirectory}.");
    }
}
