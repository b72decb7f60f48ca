namespace Data.PackageTests;

public sealed class ConsumerTests(PackedPackages packages)
{
    private const string Quiet = "--Logging:LogLevel:Default=None";

    [Fact]
    public async Task FreshProject_RestoringThePackedFiles_BuildsAndRuns()
    {
        using var project = await ProjectAsync("Consumer");
        await Command.RunAsync(project.Folder, "dotnet", "build", "--nologo", "-v", "quiet");

        var output = await Command.RunAsync(project.Folder, "dotnet", Path.Combine("bin", "Debug", "net10.0", "Consumer.dll"), Quiet);
        Lines(output).ShouldBe(["cache: made once", "vector: east", "resilience: NpgsqlException", "health: Healthy"]);
    }

    /// <summary>
    /// The nearest to native compilation that can be published wherever the SDK is: everything unused is cut away, every warning of the
    /// trimmer and of the analyzers for native compilation is an error, and the running program refuses generated code and reflection over
    /// JSON types.
    /// </summary>
    [Fact]
    public async Task TrimmedProject_WithoutDynamicCode_PublishesWithoutWarningsAndRuns()
    {
        using var project = await ProjectAsync("TrimmedConsumer");
        await Command.RunAsync(project.Folder, "dotnet", "publish", "--nologo", "-v", "quiet", "-o", "published");

        var output = await Command.RunAsync(project.Folder, Path.Combine(project.Folder, "published", "TrimmedConsumer"), Quiet);
        Lines(output).ShouldBe([
            "generated code: refused",
            "cache: Ada, then Grace",
            "vector: v77",
            "live: Healthy",
            "health: disk:responseTime memory:responseTime",
        ]);
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<TemporaryProject> ProjectAsync(string name)
    {
        var project = new TemporaryProject();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, name), "*.txt"))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            text = text.Replace("PACKAGES", packages.Folder, StringComparison.Ordinal)
                .Replace("VERSION", packages.Version, StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                Path.Combine(project.Folder, Path.GetFileNameWithoutExtension(file)),
                text,
                TestContext.Current.CancellationToken);
        }

        return project;
    }
}
