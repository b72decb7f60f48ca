using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace Data.ArchitectureTests;

public sealed partial class WorkflowTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, ".github", "workflows");

    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Actions_OfAWorkflow_ArePinnedToACommitWithItsVersionBeside(string workflow) =>
        Lines(workflow).Where(line => line.Contains("uses:", StringComparison.Ordinal) && !Pinned().IsMatch(line)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Permissions_OfAWorkflow_AreToReadTheContents(string workflow)
    {
        var lines = Lines(workflow).ToArray();
        var at = Array.IndexOf(lines, "permissions:");
        at.ShouldBeGreaterThan(0, "permissions of the whole workflow");
        lines[(at + 1)..].TakeWhile(line => line.StartsWith(' ')).ShouldBe(["  contents: read"]);
        // The job that publishes the benchmarks' table is the only one that may write.
        string[] more = workflow == "benchmarks.yml" ? ["      contents: write"] : [];
        lines.Where(line => line.StartsWith("      contents:", StringComparison.Ordinal)).ShouldBe(more, "no other job takes more");
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Jobs_OfAWorkflow_EndInTime(string workflow) =>
        Lines(workflow).Count(line => line.StartsWith("    timeout-minutes:", StringComparison.Ordinal))
            .ShouldBe(Lines(workflow).Count(line => line.StartsWith("    runs-on:", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Text_OfAWorkflow_NamesNoHost(string workflow) =>
        Lines(workflow).Where(line => line.Contains("://", StringComparison.Ordinal)).ShouldBeEmpty();

    /// <summary>The steps are those of .ci/run because they are .ci/run: a step of its own would run there and not on a desk.</summary>
    [Fact]
    public void Ci_TestsAndMeasures_ByTheCommandOfTheRepository() =>
        Commands("ci.yml").ShouldBe([".ci/run", "./pack.sh"]);

    /// <summary>Package validation makes the packages of the last release from the history, and is skipped where there is none.</summary>
    [Fact]
    public void Ci_FetchesTheWholeHistory() => Lines("ci.yml").ShouldContain("          fetch-depth: 0");

    [Fact]
    public void Benchmarks_RunWhole_OnASchedule()
    {
        Commands("benchmarks.yml").ShouldBe(["./bench.sh", "eng/publish-results.sh"]);
        Lines("benchmarks.yml").ShouldContain("  schedule:");
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [MemberData(nameof(Workflows))]
    public void Commands_OfAWorkflow_AreFilesThatCanRun(string workflow)
    {
        foreach (var command in Commands(workflow))
        {
            var file = Path.Combine(Repository.Root, command.Split(' ')[0]);
            File.Exists(file).ShouldBeTrue(file);
            File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue(file);
        }
    }

    private static string[] Commands(string workflow) => [.. Lines(workflow).Select(line => line.Trim())
        .Where(line => line.StartsWith("run:", StringComparison.Ordinal) || line.StartsWith("- run:", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())];

    private static IEnumerable<string> Lines(string workflow) => File.ReadLines(Path.Combine(Folder, workflow));

    [GeneratedRegex("^ *- uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9.]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Pinned();
}
