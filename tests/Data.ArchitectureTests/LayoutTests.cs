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
    public void Folders_OfAPackage_DependOneWay(string package) =>
        new FolderGraph(Packages.Load(package), package).EdgesInCircles().ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void InternalFolder_OfAPackage_NamesNoConceptFolder(string package) =>
        new FolderGraph(Packages.Load(package), package).Uses("Internal").Values.ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Namespace_OfASourceFile_IsItsFolderOrThePackage(string package) =>
        Packages.SourceFiles(package)
            .Select(file => (file: Path.GetRelativePath(Packages.Folder(package), file), name: NamespaceDirective().Match(
                File.ReadAllText(file)).Groups[1].Value))
            .Where(x => x.name.Length > 0 && x.name != package && x.name != string.Join('.', [package, .. x.file.Split('/')[..^1]]))
            // The contract at the root keeps the namespaces that its public types have.
            .Where(x => x.file.Contains('/', StringComparison.Ordinal) || !x.name.StartsWith(package + '.', StringComparison.Ordinal))
            // Extension methods live where the type that they extend does, so that they are found.
            .Where(x => !(x.name.StartsWith("Microsoft.", StringComparison.Ordinal)
                && x.file.EndsWith("Extensions.cs", StringComparison.Ordinal)))
            .Select(x => $"{x.file} is in {x.name}")
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Registration_OfAPackage_IsOneExtensionClassInMicrosoftsNamespace(string package)
    {
        var registration = Packages.Load(package).GetExportedTypes()
            .Where(type => type.Name.EndsWith("ServiceCollectionExtensions", StringComparison.Ordinal)).ToArray();
        registration.Length.ShouldBe(1);
        registration[0].Namespace.ShouldBe("Microsoft.Extensions.DependencyInjection");
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex NamespaceDirective();
}
