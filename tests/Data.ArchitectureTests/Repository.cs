using System.Runtime.CompilerServices;

namespace Data.ArchitectureTests;

/// <summary>The projects of the repository and their source files.</summary>
internal static class Repository
{
    private static readonly string[] Areas = ["src", "samples", "tests", "benchmarks"];

    private static readonly string[] Generated = ["bin", "obj", "artifacts", "node_modules"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    /// <summary>The folder of every project, relative to <see cref="Root"/>.</summary>
    public static TheoryData<string> Projects => [.. Files("*.csproj").Select(file => Path.GetDirectoryName(Relative(file))!)];

    /// <summary>Returns the files of the projects whose names match, without what a build creates.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Areas.SelectMany(area => FilesUnder(Path.Combine(Root, area), pattern)).Order(StringComparer.Ordinal);

    /// <summary>Returns the matching files under a folder, without what a build creates.</summary>
    public static IEnumerable<string> FilesUnder(string folder, string pattern) => Directory
        .EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(folder, file).Split('/')[..^1].Intersect(Generated, StringComparer.Ordinal).Any());

    /// <summary>Returns a file's path as it is written in a failure.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
