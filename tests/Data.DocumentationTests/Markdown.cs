namespace Data.DocumentationTests;

/// <summary>Finds the fenced blocks of a Markdown page.</summary>
internal static class Markdown
{
    private const string Fence = "```";

    /// <summary>Returns the blocks of one language; an empty language returns those that name none.</summary>
    public static IEnumerable<CodeSample> Blocks(string page, string text, string language) =>
        Blocks(page, text).Where(block => block.Language == language).Select(block => block.Sample);

    /// <summary>Returns all fenced blocks with the language that they name.</summary>
    public static IEnumerable<(string Language, CodeSample Sample)> Blocks(string page, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith(Fence, StringComparison.Ordinal))
                continue;
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            var language = lines[i].Trim()[Fence.Length..];
            var first = ++i;
            while (i < lines.Length && lines[i].Trim() != Fence)
                i++;
            var code = lines[first..Math.Min(i, lines.Length)]
                .Select(line => line[Math.Min(indent, line.Length - line.TrimStart().Length)..]);
            yield return (language, new(page, first + 1, string.Join('\n', code)));
        }
    }
}
