using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;

namespace Data.PackageTests;

/// <summary>A package declares the lowest versions that it works with, and is tested on exactly these.</summary>
public sealed class FloorTests(PackedPackages packages)
{
    public static TheoryData<string> WithDependencies => ["Data.Resilience", "Data.Cache", "Data.Vector"];

    [Theory]
    [MemberData(nameof(WithDependencies))]
    public void OwnTests_OfAPackage_RunOnItsFloors(string package)
    {
        var tests = Path.Combine(PackedPackages.Root, "tests", package + ".Tests", "bin");
        var closure = Directory.EnumerateFiles(tests, package + ".Tests.deps.json", SearchOption.AllDirectories)
            .Where(file => !file.Contains("redis-", StringComparison.Ordinal))
            .OrderByDescending(File.GetLastWriteTimeUtc).First();
        var resolved = Resolved(closure);
        foreach (var (id, floor) in Floors(package))
        {
            // What the shared framework of ASP.NET provides is not in the closure; the console program below runs on it.
            if (resolved.TryGetValue(id, out var version))
                version.ShouldBe(floor, id);
        }
    }

    [Fact]
    public async Task ConsoleProject_RestoredWithTheFloors_BuildsAndRuns()
    {
        using var project = await packages.ProjectAsync("FloorConsumer");
        await Command.RunAsync(project.Folder, "dotnet", "build", "--nologo", "-v", "quiet");
        var output = Path.Combine(project.Folder, "bin", "Debug", "net10.0");

        var resolved = Resolved(Path.Combine(output, "FloorConsumer.deps.json"));
        var floors = WithDependencies.SelectMany(row => Floors(row.Data))
            .ToLookup(floor => floor.Id, floor => Version.Parse(floor.Version), StringComparer.Ordinal);
        foreach (var dependency in floors)
            resolved[dependency.Key].ShouldBe(dependency.Max()!.ToString(), dependency.Key);

        Command.Lines(await Command.RunAsync(project.Folder, "dotnet", Path.Combine(output, "FloorConsumer.dll")))
            .ShouldBe(["cache: made once", "vector: east", "resilience: NpgsqlException"]);
    }

    private static Dictionary<string, string> Resolved(string closure)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(closure));
        return document.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/'))
            .ToDictionary(name => name[0], name => name[1], StringComparer.Ordinal);
    }

    private (string Id, string Version)[] Floors(string package)
    {
        using var archive = ZipFile.OpenRead(packages.File(package));
        using var stream = archive.GetEntry($"{package}.nuspec")!.Open();
        return [.. XDocument.Load(stream).Descendants().Where(e => e.Name.LocalName == "dependency")
            .Select(e => (e.Attribute("id")!.Value, e.Attribute("version")!.Value))];
    }
}
