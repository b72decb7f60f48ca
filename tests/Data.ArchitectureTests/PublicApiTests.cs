namespace Data.ArchitectureTests;

public sealed class PublicApiTests
{
    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void PublicSurface_OfThePackage_EqualsTheCommittedText(string package)
    {
        var file = Path.Combine(Packages.Folder(package), "PublicApi.txt");
        var actual = PublicApiText.Of(Packages.Load(package));
        if (Environment.GetEnvironmentVariable("UPDATE_PUBLIC_API") == "1")
            File.WriteAllText(file, actual);

        File.ReadAllText(file).ShouldBe(
            actual, $"The public surface of {package} changed. If that is meant, run UPDATE_PUBLIC_API=1 ./test.sh Architecture and "
            + "commit PublicApi.txt.");
    }

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void PublicTypes_InInternalFolders_DoNotExist(string package) =>
        Packages.Load(package).GetExportedTypes()
            .Where(type => type.Namespace is { } n && n.Split('.').Contains("Internal", StringComparer.Ordinal))
            .Select(type => type.FullName)
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void PublicClasses_ThatNobodyDerivesFrom_AreSealed(string package)
    {
        var types = Packages.Load(package).GetExportedTypes();
        types.Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .Where(type => !type.IsAssignableTo(typeof(Exception))
                && !types.Any(other => other.BaseType is { } b && (b == type || b.IsGenericType && b.GetGenericTypeDefinition() == type)))
            .Select(type => type.FullName)
            .ShouldBeEmpty();
    }
}
