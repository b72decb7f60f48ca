using System.Runtime.CompilerServices;

[assembly: AssemblyFixture(typeof(Data.PackageTests.PackedPackages))]

namespace Data.PackageTests;

/// <summary>Packs once for all tests, under a version that no earlier run has left in the machine's package cache.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    public static string[] Names { get; } = ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"];

    public static TheoryData<string> All => [.. Names];

    public string Folder { get; } = Directory.CreateTempSubdirectory("data-packages-").FullName;

    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    public string File(string package, string extension = "nupkg") => Path.Combine(Folder, $"{package}.{Version}.{extension}");

    public async ValueTask InitializeAsync() =>
        await Command.RunAsync(Root, Path.Combine(Root, "pack.sh"), Folder, Version, "--no-build");

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var name in Names)
        {
            var restored = Path.Combine(cache, name.ToLowerInvariant(), Version);
            if (Directory.Exists(restored))
                Directory.Delete(restored, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
