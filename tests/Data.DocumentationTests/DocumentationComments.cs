using System.Net;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Data.DocumentationTests;

/// <summary>Finds the <c>code</c> elements in the documentation comments of public members.</summary>
internal static class DocumentationComments
{
    /// <summary>Returns the pieces of code in a source file.</summary>
    public static IEnumerable<CodeSample> Code(string file, string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse), file);
        foreach (var element in tree.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<XmlElementSyntax>())
        {
            if (element.StartTag.Name.LocalName.Text == "code" && Documented(element) is { } member && IsPublic(member))
                yield return Sample(file, element);
        }
    }

    private static CodeSample Sample(string file, XmlElementSyntax element)
    {
        var line = element.StartTag.GetLocation().GetLineSpan().EndLinePosition.Line + 1;
        var lines = WebUtility.HtmlDecode(element.Content.ToFullString()).Split('\n')
            .Select((text, i) => i == 0 ? text : text.TrimStart().TrimStart('/') is [' ', .. var rest] ? rest : "").ToArray();
        return new(file, line, string.Join('\n', lines));
    }

    private static MemberDeclarationSyntax? Documented(XmlElementSyntax element) => element
        .Ancestors().OfType<DocumentationCommentTriviaSyntax>().First().ParentTrivia.Token.Parent
        ?.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().FirstOrDefault();

    private static bool IsPublic(MemberDeclarationSyntax member) => member.AncestorsAndSelf().OfType<MemberDeclarationSyntax>()
        .Where(m => m is not BaseNamespaceDeclarationSyntax)
        .All(m => m.Modifiers.Any(modifier => modifier.RawKind is (int)SyntaxKind.PublicKeyword or (int)SyntaxKind.ProtectedKeyword)
            || m.Parent is InterfaceDeclarationSyntax or EnumDeclarationSyntax);
}
