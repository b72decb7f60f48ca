namespace Data.PackageTests;

public sealed class ConsumerTests(PackedPackages packages)
{
    [Fact]
    public async Task FreshProject_RestoringThePackedFiles_BuildsAndRuns()
    {
        var folder = Directory.CreateTempSubdirectory("data-consumer-").FullName;
        try
        {
            await CopyAsync("Consumer.csproj", folder);
            await CopyAsync("Program.cs", folder);
            await Command.RunAsync(folder, "dotnet", "build", "--nologo", "-v", "quiet");

            var output = await Command.RunAsync(folder, "dotnet", Path.Combine("bin", "Debug", "net10.0", "Consumer.dll"), "--Logging:LogLevel:Default=None");
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
                ["cache: made once", "vector: east", "resilience: NpgsqlException", "health: Healthy"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task CopyAsync(string name, string folder)
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Consumer", name + ".txt"), TestContext.Current.CancellationToken);
        text = text.Replace("PACKAGES", packages.Folder, StringComparison.Ordinal).Replace("VERSION", packages.Version, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
    }
}
