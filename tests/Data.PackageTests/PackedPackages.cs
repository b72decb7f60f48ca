using System.Runtime.CompilerServices;

[assembly: AssemblyFixture(typeof(Data.PackageTests.PackedPackages))]

namespace Data.PackageTests;

/// <summary>Packs once for all tests, under a version that no earlier run has left in the machine's package cache.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    public static string[] Names { get; } = ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"];

    public static TheoryData<string> All => [.. Names];

    public string Folder { get; } = Directory.CreateTempSubdirectory("data-packages-").FullName;

    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    public string File(string package, string extension = "nupkg") => Path.Combine(Folder, $"{package}.{Version}.{extension}");

    public async ValueTask InitializeAsync() =>
        await Command.RunAsync(
            Root,
            Path.Combine(Root, "pack.sh"),
            // The comparison with the last release is a test of its own.
            new Dictionary<string, string>(StringComparer.Ordinal) { ["BASELINE"] = "none" },
            Folder, Version, "--no-build");

    /// <summary>Returns a copy of one of the consumers of this project, which restores the packed files.</summary>
    internal async Task<TemporaryProject> ProjectAsync(string name)
    {
        var project = new TemporaryProject();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, name), "*.txt"))
        {
            var text = await System.IO.File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            text = text.Replace("PACKAGES", Folder, StringComparison.Ordinal).Replace("VERSION", Version, StringComparison.Ordinal);
            await System.IO.File.WriteAllTextAsync(
                Path.Combine(project.Folder, Path.GetFileNameWithoutExtension(file)),
                text,
                TestContext.Current.CancellationToken);
        }

        return project;
    }

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
