namespace Data.ArchitectureTests;

public sealed class SourceFormTests
{
    private const int LongestLine = 140;
    private const int LongestFile = 400;

    [Theory]
    [MemberData(nameof(Repository.Projects), MemberType = typeof(Repository))]
    public void Lines_OfAProject_FitTheColumns(string project) =>
        Sources(project)
            .SelectMany(file => File.ReadLines(file).Select((text, i) => (text.Length, Place: $"{Repository.Relative(file)}:{i + 1}")))
            .Where(line => line.Length > LongestLine)
            .Select(line => $"{line.Place} has {line.Length} columns")
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Repository.Projects), MemberType = typeof(Repository))]
    public void Files_OfAProject_AreShortEnoughToRead(string project) =>
        Sources(project)
            .Select(file => (Lines: File.ReadLines(file).Count(), Name: Repository.Relative(file)))
            .Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.Name} has {file.Lines} lines")
            .ShouldBeEmpty();

    private static IEnumerable<string> Sources(string project) =>
        Repository.FilesUnder(Path.Combine(Repository.Root, project), "*.cs");
}
