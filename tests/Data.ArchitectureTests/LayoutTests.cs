using System.Text.RegularExpressions;

namespace Data.ArchitectureTests;

public sealed partial class LayoutTests
{
    private static readonly string[] VagueNames = ["Helpers", "Managers", "Utils", "Utilities", "Common", "Misc"];

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Folders_OfAPackage_AreNamedAfterConcepts(string package) =>
        Packages.SourceFiles(package).SelectMany(file => Path.GetRelativePath(Packages.Folder(package), file).Split('/')[..^1])
            .Intersect(VagueNames)
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Folders_OfAPackage_NeverHaveTheNameOfAType(string package)
    {
        var types = Packages.Load(package).GetTypes().Select(type => type.Name.Split('`')[0]).ToHashSet(StringComparer.Ordinal);
        Packages.SourceFiles(package).SelectMany(file => Path.GetRelativePath(Packages.Folder(package), file).Split('/')[..^1])
            .Distinct(StringComparer.Ordinal)
            .Where(types.Contains)
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void InternalFolder_OfAPackage_NamesNoConceptFolder(string package)
    {
        var concepts = Directory.GetDirectories(Packages.Folder(package)).Select(Path.GetFileName)
            .Where(name => name is not ("Internal" or "bin" or "obj")).ToArray();
        Packages.SourceFiles(package)
            .Where(file => Path.GetRelativePath(Packages.Folder(package), file).StartsWith("Internal/", StringComparison.Ordinal))
            .SelectMany(file => UsingDirective().Matches(File.ReadAllText(file)).Select(match => (file: Path.GetFileName(file), used: match.Groups[1].Value)))
            .Where(use => concepts.Any(concept => use.used == $"{package}.{concept}" || use.used.StartsWith($"{package}.{concept}.", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Registration_OfAPackage_IsOneExtensionClassInMicrosoftsNamespace(string package)
    {
        var registration = Packages.Load(package).GetExportedTypes()
            .Where(type => type.Name.EndsWith("ServiceCollectionExtensions", StringComparison.Ordinal)).ToArray();
        registration.Length.ShouldBe(1);
        registration[0].Namespace.ShouldBe("Microsoft.Extensions.DependencyInjection");
    }

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex UsingDirective();
}
