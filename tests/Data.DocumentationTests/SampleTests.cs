using System.Collections.Concurrent;

namespace Data.DocumentationTests;

public sealed class SampleTests
{
    private const string Language = "csharp";

    private static readonly ConcurrentDictionary<string, Lazy<Dictionary<int, IReadOnlyList<string>>>> Compiled =
        new(StringComparer.Ordinal);

    public static TheoryData<string, int> PageSamples => [.. Repository.Pages()
        .SelectMany(page => Markdown.Blocks(page, Repository.Read(page), Language))
        .Select(sample => (sample.Page, sample.Line))];

    public static TheoryData<string, int> CommentSamples => [.. Repository.PackageSources()
        .SelectMany(file => DocumentationComments.Code(file, Repository.Read(file)))
        .Select(sample => (sample.Page, sample.Line))];

    [Theory]
    [MemberData(nameof(PageSamples))]
    public void Sample_OfAPage_Compiles(string page, int line) =>
        Compiled.GetOrAdd(page, p => new(() => CompilePage(p))).Value[line].ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(CommentSamples))]
    public void Sample_OfADocumentationComment_Compiles(string file, int line)
    {
        var sample = DocumentationComments.Code(file, Repository.Read(file)).Single(found => found.Line == line);
        SamplePage.OfComment(file.Split('/')[1]).Add(sample).ShouldBeEmpty();
    }

    [Fact]
    public void Fences_OfEveryPage_NameCSharpInOneWay() =>
        Repository.Pages().SelectMany(page => Markdown.Blocks(page, Repository.Read(page)))
            .Where(block => block.Language.ToUpperInvariant() is "C#" or "CS" or "CSX" or "CSHARP" && block.Language != Language)
            .Select(block => $"{block.Sample.Page}:{block.Sample.Line} says '{block.Language}'")
            .ShouldBeEmpty("a block that is not called csharp would not be compiled");

    private static Dictionary<int, IReadOnlyList<string>> CompilePage(string page)
    {
        var shown = new SamplePage();
        return Markdown.Blocks(page, Repository.Read(page), Language).ToDictionary(sample => sample.Line, shown.Add);
    }
}
