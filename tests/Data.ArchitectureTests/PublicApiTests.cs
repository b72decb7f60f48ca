namespace Data.ArchitectureTests;

public sealed class PublicApiTests
{
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
