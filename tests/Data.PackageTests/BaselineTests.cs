namespace Data.PackageTests;

public sealed class BaselineTests
{
    /// <summary>
    /// A break of the last release that CompatibilitySuppressions.xml does not list fails, and so does a listed one that does not exist.
    /// </summary>
    [Theory]
    [MemberData(nameof(PackedPackages.All), MemberType = typeof(PackedPackages))]
    public async Task Package_ComparedWithTheLastRelease_BreaksOnlyWhatIsListed(string package)
    {
        await RequireBaselineAsync();
        using var output = new TemporaryProject();
        await Command.RunAsync(
            PackedPackages.Root, "dotnet", "pack", "src/" + package, "-c", "Release", "-v", "quiet", "--no-build", "-o", output.Folder,
            // The SDK skips the comparison when an earlier one left this mark, whatever that was with.
            $"-p:_ApiCompatValidatePackageSemaphoreFile={output.Folder}/compared");
    }

    private static async Task RequireBaselineAsync()
    {
        try
        {
            await Command.RunAsync(PackedPackages.Root, Path.Combine(PackedPackages.Root, "eng", "baseline.sh"));
        }
        catch (InvalidOperationException e) when (e.Message.Contains("is not in this clone", StringComparison.Ordinal))
        {
            // A shallow clone has nothing to compare with. WorkflowTests holds that ci.yml fetches the whole history.
            Assert.Skip(e.Message);
        }
    }
}
