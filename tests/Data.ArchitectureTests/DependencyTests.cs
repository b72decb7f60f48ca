using System.Xml.Linq;

namespace Data.ArchitectureTests;

public sealed class DependencyTests
{
    [Fact]
    public void DeclaredVersions_OfPackagesThatNobodyReferences_DoNotExist() =>
        Names(Path.Combine(Repository.Root, "Directory.Packages.props"), "PackageVersion")
            .Except(BuildFiles().SelectMany(file => Names(file, "PackageReference")), StringComparer.OrdinalIgnoreCase)
            .ShouldBeEmpty();

    [Fact]
    public void References_InProjects_LeaveTheVersionToTheCentralFile() =>
        BuildFiles().SelectMany(file => XDocument.Load(file).Descendants("PackageReference")
                .Where(e => e.Attribute("Version") is not null)
                .Select(e => $"{Repository.Relative(file)}: {e.Attribute("Include")?.Value}"))
            .ShouldBeEmpty();

    private static IEnumerable<string> BuildFiles() =>
        new[] { "*.csproj", "*.props", "*.targets" }
            .SelectMany(pattern => Repository.Files(pattern)
                .Concat(Repository.FilesUnder(Path.Combine(Repository.Root, "eng"), pattern))
                .Concat(Directory.EnumerateFiles(Repository.Root, pattern)));

    private static IEnumerable<string> Names(string file, string element) =>
        XDocument.Load(file).Descendants(element).Select(e => e.Attribute("Include")?.Value).OfType<string>();
}
