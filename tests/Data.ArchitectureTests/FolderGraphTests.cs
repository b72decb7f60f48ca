namespace Data.ArchitectureTests;

public sealed class FolderGraphTests
{
    [Fact]
    public void EdgesInCircles_OfTwoFoldersThatNameEachOther_AreBothNamed() =>
        Edges(
            ("Engine/Motor.cs", "using P.Fuel; namespace P.Engine; class Motor { Tank? _tank; }"),
            ("Fuel/Tank.cs", "namespace P.Fuel; class Tank { object F() => new Engine.Motor(); }"))
            .ShouldBe(["Engine -> Fuel: Tank (Engine/Motor.cs:1)", "Fuel -> Engine: Motor (Fuel/Tank.cs:1)"]);

    [Fact]
    public void EdgesInCircles_ThroughTheRoot_AreNamed() =>
        Edges(
            ("Options.cs", "namespace P; public class Options;"),
            ("Registration.cs", "namespace P; static class Registration { static object F() => new Engine.Motor(); }"),
            ("Engine/Motor.cs", "namespace P.Engine; class Motor { Options? _options; }"))
            .ShouldBe([". -> Engine: Motor (Registration.cs:1)", "Engine -> .: Options (Engine/Motor.cs:1)"]);

    [Fact]
    public void EdgesInCircles_OverThreeFolders_AreNamed() =>
        Edges(
            ("A/One.cs", "namespace P.A; class One { B.Two? _f; }"),
            ("B/Two.cs", "namespace P.B; class Two { C.Three? _f; }"),
            ("C/Three.cs", "namespace P.C; class Three { A.One? _f; }"),
            ("D/Four.cs", "namespace P.D; class Four { A.One? _f; }"))
            .Select(edge => edge.Split(':')[0])
            .ShouldBe(["A -> B", "B -> C", "C -> A"]);

    [Fact]
    public void EdgesInCircles_WhereTheNameIsAMemberACommentOrAText_AreNone() =>
        Edges(
            ("Engine/Motor.cs", "namespace P.Engine; class Motor { P.Fuel.Tank? _tank; }"),
            ("Fuel/Tank.cs", """
                namespace P.Fuel;
                /// <summary>Feeds a Motor.</summary>
                class Tank { int Motor { get; } string F() => $"Motor {Motor}"; /* Motor */ }
                """))
            .ShouldBeEmpty();

    [Fact]
    public void From_AnAttributeAndAGenericArgument_AreReferences() =>
        new FolderGraph(new SourceProject("P", [
            ("Marks/MarkAttribute.cs", "namespace P.Marks; class MarkAttribute : System.Attribute;"),
            ("Fuel/Tank.cs", "namespace P.Fuel; class Tank;"),
            ("Engine/Motor.cs", "using P.Marks; namespace P.Engine; [Mark] class Motor { System.Lazy<Fuel.Tank>? _tank; }"),
        ])).From("Engine").Select(r => r.Type).ShouldBe(["MarkAttribute", "Tank"], ignoreOrder: true);

    private static IEnumerable<string> Edges(params (string Path, string Text)[] files) =>
        new FolderGraph(new SourceProject("P", files)).EdgesInCircles();
}
