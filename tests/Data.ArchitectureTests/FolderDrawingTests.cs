using System.Text.RegularExpressions;

namespace Data.ArchitectureTests;

public sealed partial class FolderDrawingTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "architecture.md");

    [Fact]
    public void Drawings_OnTheArchitecturePage_ShowTheFoldersOfTheCode()
    {
        var committed = File.ReadAllText(Page);
        var drawn = Drawing().Replace(
            committed,
            match => match.Groups["start"].Value + Draw(match.Groups["project"].Value) + "<!-- end -->");
        if (Environment.GetEnvironmentVariable("UPDATE_DRAWINGS") == "1")
            File.WriteAllText(Page, drawn);

        Drawing().Count(committed).ShouldBe(4, "each package has a drawing");
        File.ReadAllText(Page).ShouldBe(drawn, "the folders changed. Draw them again: UPDATE_DRAWINGS=1 ./test.sh Architecture");
    }

    [Fact]
    public void ToMermaid_ArrowThatFollowsFromOthers_IsLeftOut()
    {
        var project = new SourceProject(
            "Tiny",
            [
                ("Top/A.cs", "namespace Tiny; class A { B b; C c; }"),
                ("Middle/B.cs", "namespace Tiny; class B { C c; }"),
                ("C.cs", "namespace Tiny; class C;"),
            ]);

        new FolderDrawing(new FolderGraph(project)).ToMermaid().ShouldBe(
            """
            ```mermaid
            flowchart TB
              root[root: the contract]
              Middle[Middle]
              Top[Top]
              Middle --> root
              Top --> Middle
            ```

            """);
    }

    private static string Draw(string project) => new FolderDrawing(FolderGraph.Of(Path.Combine(Repository.Root, project))).ToMermaid();

    [GeneratedRegex(
        "(?<start><!-- folders: (?<project>[^ ]+) -->\n).*?<!-- end -->",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Drawing();
}
