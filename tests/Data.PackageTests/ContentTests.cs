using System.IO.Compression;
using System.Xml.Linq;

namespace Data.PackageTests;

public sealed class ContentTests(PackedPackages packages)
{
    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public void Package_HoldsAssemblyDocumentationReadmeAndIcon(string package)
    {
        using var archive = ZipFile.OpenRead(packages.File(package));
        var names = archive.Entries.Select(entry => entry.FullName).ToArray();
        names.ShouldContain($"lib/net10.0/{package}.dll");
        names.ShouldContain($"lib/net10.0/{package}.xml");
        names.ShouldContain("README.md");
        names.ShouldContain("icon.png");
        archive.GetEntry("README.md")!.Length
            .ShouldBeGreaterThan(1_000, "a README says how to install, how to use and what happens on failure");
    }

    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public void Package_DescribesItselfAndDependsOnNoSibling(string package)
    {
        using var archive = ZipFile.OpenRead(packages.File(package));
        using var stream = archive.GetEntry($"{package}.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single();
        string? Value(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;

        Value("license").ShouldBe("MIT");
        Value("description").ShouldNotBeNullOrWhiteSpace();
        Value("tags").ShouldNotBeNullOrWhiteSpace();
        metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value)
            .Intersect(PackedPackages.Names).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public void SymbolPackage_HoldsTheSymbols(string package)
    {
        using var archive = ZipFile.OpenRead(packages.File(package, "snupkg"));
        archive.Entries.Select(entry => entry.FullName).ShouldContain($"lib/net10.0/{package}.pdb");
    }
}
