using System.Reflection;

namespace Data.ArchitectureTests;

/// <summary>The four packages, and where their sources lie.</summary>
internal static class Packages
{
    public static readonly string[] Names = ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"];

    public static TheoryData<string> All => [.. Names];

    public static Assembly Load(string package) => Assembly.Load(package);

    public static string Folder(string package) => Path.Combine(Repository.Root, "src", package);

    public static IEnumerable<string> SourceFiles(string package) => Repository.FilesUnder(Folder(package), "*.cs");
}
