using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Data.PackageTests;

public sealed class SourcePathTests(PackedPackages packages)
{
    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public void Package_NamesNowhereTheFolderItWasBuiltIn(string package)
    {
        foreach (var (archive, entry) in new[] { ("nupkg", $"{package}.dll"), ("nupkg", $"{package}.xml"), ("snupkg", $"{package}.pdb") })
        {
            var bytes = Read(packages.File(package, archive), $"lib/net10.0/{entry}");
            bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(PackedPackages.Root)).ShouldBe(-1, entry);
            bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(PackedPackages.Root)).ShouldBe(-1, entry);
        }
    }

    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public void Symbols_NameSourcesByTheRepositorysRoot(string package)
    {
        using var symbols = new PortableSymbols(Read(packages.File(package, "snupkg"), $"lib/net10.0/{package}.pdb"));
        symbols.Documents.Where(path => !path.StartsWith($"/_/src/{package}/", StringComparison.Ordinal)).ShouldBeEmpty();
        symbols.EmbeddedSources.Where(text => text.Contains(PackedPackages.Root, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Build_ThatIsGivenTheRepositorysAddress_PublishesItWithTheMapToTheSources()
    {
        // SourceLink knows what the addresses of the sources look like at a few hosts only; this is one of them.
        var host = string.Join('.', "github", "com");
        var address = $"https://{host}/example/data";
        using var output = new TemporaryProject();
        var project = Path.Combine(PackedPackages.Root, "src", "Data.Health");
        await Command.RunAsync(project, "dotnet", "pack", "-c", "Release", "-v", "quiet", "--no-restore", "-o", output.Folder,
            "-p:REPOSITORY_URL=" + address, "-p:RunAnalyzers=false", "-p:EnablePackageValidation=false", "-p:Version=0.0.1",
            // Beside the ordinary build, which other tests read.
            "-p:IntermediateOutputPath=obj/given-address/", $"-p:OutDir={output.Folder}/bin/");

        var nuspec = Read(Path.Combine(output.Folder, "Data.Health.0.0.1.nupkg"), "Data.Health.nuspec");
        var repository = XDocument.Load(new MemoryStream(nuspec)).Descendants().Single(e => e.Name.LocalName == "repository");
        repository.Attribute("url")!.Value.ShouldBe(address);
        var commit = repository.Attribute("commit")!.Value;
        commit.Length.ShouldBe(40);

        var file = Read(Path.Combine(output.Folder, "Data.Health.0.0.1.snupkg"), "lib/net10.0/Data.Health.pdb");
        using var symbols = new PortableSymbols(file);
        using var map = JsonDocument.Parse(symbols.SourceLink);
        var source = map.RootElement.GetProperty("documents").EnumerateObject().Single();
        source.Name.ShouldBe("/_/*");
        source.Value.GetString()!.ShouldEndWith($"/example/data/{commit}/*");
    }

    private static byte[] Read(string file, string name)
    {
        using var archive = ZipFile.OpenRead(file);
        using var stream = archive.GetEntry(name)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
