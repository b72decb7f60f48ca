using System.Xml.Linq;

namespace Data.ArchitectureTests;

public sealed class ReferenceTests
{
    /// <summary>What each package may bring into an application, beside Microsoft.Extensions abstractions.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Data.Resilience"] = ["Npgsql", "Npgsql.EntityFrameworkCore.PostgreSQL", "Microsoft.EntityFrameworkCore.Relational", "Polly.Core"],
        ["Data.Cache"] = ["StackExchange.Redis"],
        ["Data.Vector"] = ["System.Numerics.Tensors"],
        ["Data.Health"] = [],
    };

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Assembly_OfAPackage_ReferencesNoSibling(string package) =>
        Packages.Load(package).GetReferencedAssemblies().Select(a => a.Name).Intersect(Packages.Names).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void ProjectFile_OfAPackage_ReferencesOnlyWhatItMay(string package)
    {
        var project = XDocument.Load(Path.Combine(Packages.Folder(package), package + ".csproj"));
        project.Descendants("ProjectReference").ShouldBeEmpty();
        project.Descendants("PackageReference").Select(e => e.Attribute("Include")!.Value)
            .Where(name => !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
            .Except(Allowed[package])
            .ShouldBeEmpty();
    }
}
