using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Data.ArchitectureTests;

/// <summary>What a tool can see of the language: the form of a summary, and phrases that once stood here and read as translated.</summary>
public sealed partial class LanguageTests
{
    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Properties_OfAPackage_AreDescribedByANoun(string package) =>
        Summaries(package, 'P').Where(summary => Getter().IsMatch(summary.Text)).Select(summary => summary.Member).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Methods_OfAPackage_AreDescribedByAVerb(string package) =>
        Summaries(package, 'M')
            .Where(summary => !summary.Member.Contains("#ctor", StringComparison.Ordinal))
            .Where(summary => !Verb().IsMatch(summary.Text))
            .Select(summary => $"{summary.Member}: {summary.Text}")
            .ShouldBeEmpty("a method's summary starts with a verb in the third person, such as Returns, Removes or Adds");

    [Theory]
    [MemberData(nameof(Repository.Projects), MemberType = typeof(Repository))]
    public void Texts_OfAProject_HoldNoPhraseThatReadsAsTranslated(string project) =>
        Repository.FilesUnder(Path.Combine(Repository.Root, project), "*.cs")
            .Where(file => !file.EndsWith("LanguageTests.cs", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Select((text, i) => (Text: text, Place: $"{Repository.Relative(file)}:{i + 1}")))
            .Where(line => Translated().IsMatch(line.Text))
            .Select(line => $"{line.Place}: {line.Text.Trim()}")
            .ShouldBeEmpty();

    private static IEnumerable<(string Member, string Text)> Summaries(string package, char kind) =>
        from member in XDocument.Load(Path.ChangeExtension(Packages.Load(package).Location, ".xml")).Descendants("member")
        let name = member.Attribute("name")!.Value
        where name[0] == kind && name[1] == ':' && member.Element("summary") is not null
        where IsPublic(package, name[2..].Split('(')[0])
        select (name, Spaces().Replace(member.Element("summary")!.Value.Trim(), " "));

    private static bool IsPublic(string package, string member) =>
        Packages.Load(package).GetType(member[..member.LastIndexOf('.')]) is { IsVisible: true };

    [GeneratedRegex("^(Gets|Sets)\\b")]
    private static partial Regex Getter();

    [GeneratedRegex("^([A-Z][a-z]+(s|es)\\b|Whether\\b)")]
    private static partial Regex Verb();

    [GeneratedRegex(
        "' is no \\w|\\b(makes|made|make) (it |them )?anew\\b|gives the folder free"
        + "|\\bcomes twice\\b|found by likeness|\\bby likeness\\b|a database in trouble|a sign makes|\\bshall be\\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Translated();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
