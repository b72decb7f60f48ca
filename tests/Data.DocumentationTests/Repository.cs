using System.Runtime.CompilerServices;

namespace Data.DocumentationTests;

/// <summary>The pages and sources that hold samples.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", "artifacts", "node_modules", ".git", "data"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    /// <summary>Returns every Markdown page, relative to <see cref="Root"/>.</summary>
    public static IEnumerable<string> Pages() => Files("*.md");

    /// <summary>Returns the source files of the packages, relative to <see cref="Root"/>.</summary>
    public static IEnumerable<string> PackageSources() =>
        Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static IEnumerable<string> Files(string pattern) => Directory
        .EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file))
        .Where(file => !file.Split('/')[..^1].Intersect(Skipped, StringComparer.Ordinal).Any())
        .Order(StringComparer.Ordinal);

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
