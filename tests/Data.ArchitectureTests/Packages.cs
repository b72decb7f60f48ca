using System.Reflection;
using System.Runtime.CompilerServices;

namespace Data.ArchitectureTests;

/// <summary>The four packages, and where their sources lie.</summary>
internal static class Packages
{
    public static readonly string[] Names = ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"];

    public static TheoryData<string> All => [.. Names];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    public static Assembly Load(string package) => Assembly.Load(package);

    public static string Folder(string package) => Path.Combine(Root, "src", package);

    public static IEnumerable<string> SourceFiles(string package) => Directory
        .EnumerateFiles(Folder(package), "*.cs", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Folder(package), file).Split('/')[0].Equals("obj", StringComparison.Ordinal)
            && !Path.GetRelativePath(Folder(package), file).Split('/')[0].Equals("bin", StringComparison.Ordinal));

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
