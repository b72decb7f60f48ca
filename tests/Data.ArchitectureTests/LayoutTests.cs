namespace Data.ArchitectureTests;

public sealed class LayoutTests
{
    private const string Registration = "DependencyInjection";

    private static readonly string[] VagueNames = ["Helpers", "Managers", "Utils", "Utilities", "Common", "Misc"];

    [Theory]
    [MemberData(nameof(Repository.Projects), MemberType = typeof(Repository))]
    public void Folders_OfAProject_AreNamedAfterConcepts(string project) =>
        Folders(Path.Combine(Repository.Root, project)).Intersect(VagueNames).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Folders_OfAPackage_NeverHaveTheNameOfAType(string package)
    {
        var types = Packages.Load(package).GetTypes().Select(type => type.Name.Split('`')[0]).ToHashSet(StringComparer.Ordinal);
        Folders(Packages.Folder(package)).Where(types.Contains).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Repository.Projects), MemberType = typeof(Repository))]
    public void Folders_OfAProjectRootIncluded_DependOneWay(string project) =>
        FolderGraph.Of(Path.Combine(Repository.Root, project)).EdgesInCircles().ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void RegistrationFolder_OfAPackage_IsNamedByNobody(string package) =>
        FolderGraph.Of(Packages.Folder(package)).To(Registration).ShouldBeEmpty("registration is the top layer");

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void InternalFolder_OfAPackage_NamesNoConceptFolder(string package) =>
        FolderGraph.Of(Packages.Folder(package)).From("Internal").Where(r => r.To != FolderGraph.Root).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void InternalTypes_OfAPackage_HaveTheNamespaceOfTheirFolder(string package) =>
        SourceProject.Read(Packages.Folder(package))
            .InternalTypesOutside(folder => folder.Length == 0 ? package : $"{package}.{folder.Replace('/', '.')}")
            .ShouldBeEmpty("public types keep their namespace when their file moves, internal types follow their folder");

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void PublicTypes_OfAPackage_AreInItsNamespaceOrMicrosofts(string package) =>
        Packages.Load(package).GetExportedTypes()
            .Where(type => type.Namespace != package && !type.Namespace!.StartsWith(package + ".", StringComparison.Ordinal))
            // Extension methods live where the type that they extend does, so that they are found.
            .Where(type => !(type.Namespace!.StartsWith("Microsoft.", StringComparison.Ordinal)
                && type.Name.EndsWith("Extensions", StringComparison.Ordinal)))
            .Select(type => type.FullName)
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Registration_OfAPackage_IsOneExtensionClassInMicrosoftsNamespace(string package)
    {
        var registration = Packages.Load(package).GetExportedTypes()
            .Where(type => type.Name.EndsWith("ServiceCollectionExtensions", StringComparison.Ordinal)).ToArray();
        registration.Length.ShouldBe(1);
        registration[0].Namespace.ShouldBe("Microsoft.Extensions.DependencyInjection");
        registration[0].Name.ShouldBe(package.Replace(".", "", StringComparison.Ordinal) + "ServiceCollectionExtensions");
        File.Exists(Path.Combine(Packages.Folder(package), Registration, registration[0].Name + ".cs"))
            .ShouldBeTrue($"{registration[0].Name} belongs in {Registration}/");
    }

    private static IEnumerable<string> Folders(string project) => Repository.FilesUnder(project, "*.cs")
        .SelectMany(file => Path.GetRelativePath(project, file).Split('/')[..^1])
        .Distinct(StringComparer.Ordinal);
}
