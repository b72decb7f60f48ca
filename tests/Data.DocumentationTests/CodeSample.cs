namespace Data.DocumentationTests;

/// <summary>One piece of C# in the documentation.</summary>
/// <param name="Page">The file that shows it.</param>
/// <param name="Line">The line of the file on which its first line stands, from 1.</param>
/// <param name="Text">The code as a reader sees it.</param>
internal sealed record CodeSample(string Page, int Line, string Text);
