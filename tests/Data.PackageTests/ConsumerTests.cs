namespace Data.PackageTests;

public sealed class ConsumerTests(PackedPackages packages)
{
    private const string Quiet = "--Logging:LogLevel:Default=None";

    [Fact]
    public async Task FreshProject_RestoringThePackedFiles_BuildsAndRuns()
    {
        using var project = await packages.ProjectAsync("Consumer");
        await Command.RunAsync(project.Folder, "dotnet", "build", "--nologo", "-v", "quiet");

        var output = await Command.RunAsync(project.Folder, "dotnet", Path.Combine("bin", "Debug", "net10.0", "Consumer.dll"), Quiet);
        Command.Lines(output).ShouldBe(["cache: made once", "vector: east", "resilience: NpgsqlException", "health: Healthy"]);
    }

    /// <summary>
    /// Everything unused is cut away, no code is generated at run time, and every warning of the compiler to native code is an error.
    /// </summary>
    [Fact]
    public async Task NativeProject_OfCacheVectorAndHealth_PublishesWithoutWarningsAndRuns()
    {
        var linker = NativeLinker.Require();
        using var project = await packages.ProjectAsync("NativeConsumer");
        await Command.RunAsync(
            project.Folder, "dotnet", "publish", "--nologo", "-v", "quiet", "-o", "published", "-p:CppCompilerAndLinker=" + linker);

        Directory.EnumerateFiles(Path.Combine(project.Folder, "published"), "*.dll").ShouldBeEmpty("all of it is in the program");
        var output = await Command.RunAsync(project.Folder, Path.Combine(project.Folder, "published", "NativeConsumer"), Quiet);
        Command.Lines(output).ShouldBe([
            "generated code: refused",
            "cache: Ada, then Grace",
            "vector: v77",
            "live: Healthy",
            "health: disk:responseTime memory:responseTime",
        ]);
    }
}
