using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Data.DocumentationTests;

/// <summary>
/// Compiles the samples of one page in their order. A sample sees the implicit usings of a web project, what the page has shown so far
/// (usings, types, variables) and the variables that every sample may use. Nothing else.
/// </summary>
internal sealed class SamplePage
{
    private readonly List<string> _usings = [];
    private readonly string _cast = "";
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal)
    {
        ["builder"] = "Microsoft.AspNetCore.Builder.WebApplicationBuilder",
        ["app"] = "Microsoft.AspNetCore.Builder.WebApplication",
        ["services"] = "Microsoft.Extensions.DependencyInjection.IServiceCollection",
        ["provider"] = "System.IServiceProvider",
        ["cancellationToken"] = "System.Threading.CancellationToken",
    };

    public SamplePage()
    {
    }

    private SamplePage(IEnumerable<string> usings)
    {
        _usings.AddRange(usings.Select(space => $"global using {space};"));
        _cast = CommentCast.Types;
        foreach (var (name, type) in CommentCast.Variables)
            _variables[name] = type;
    }

    /// <summary>Returns the place of a documentation comment's sample, which sees its package's namespaces and the cast.</summary>
    public static SamplePage OfComment(string package)
    {
        var spaces = Assembly.Load(package).GetExportedTypes().Select(type => type.Namespace!).Distinct(StringComparer.Ordinal);
        return new SamplePage(spaces.Concat(CommentCast.Usings));
    }

    /// <summary>Returns the compiler's messages about a sample, and remembers what it shows for those that follow.</summary>
    public IReadOnlyList<string> Add(CodeSample sample)
    {
        var tree = SampleCompiler.Parse(sample);
        var root = (CompilationUnitSyntax)tree.GetRoot();
        foreach (var name in Types(root).Select(type => type.Name))
            _types.Remove(name);
        var isProgram = root.Members.Any(m => m is GlobalStatementSyntax);
        var compilation = SampleCompiler.Compile(isProgram, tree, Parse(Given()), Parse(EarlierTypes()), Parse(_cast));

        Remember(root, compilation.GetSemanticModel(tree));
        return SampleCompiler.Messages(compilation, tree, sample);
    }

    private static SyntaxTree Parse(string text) => SampleCompiler.Parse(new CodeSample("", 1, text));

    private string Given() =>
        $$"""
        {{string.Join('\n', _usings.Distinct())}}
        global using static Sample.Given;
        namespace Sample
        {
            internal static class Given
            {
        {{string.Join('\n', _variables.Select(v => $"        internal static {v.Value} {v.Key} = default!;"))}}
            }
        }
        """;

    private string EarlierTypes() => string.Join('\n', _types.Values);

    private void Remember(CompilationUnitSyntax root, SemanticModel model)
    {
        _usings.AddRange(root.Usings.Select(u => "global " + u.WithoutTrivia().NormalizeWhitespace().ToFullString()));
        foreach (var (name, text) in Types(root))
            _types[name] = text;
        foreach (var declarator in root.Members.OfType<GlobalStatementSyntax>()
            .SelectMany(s => s.DescendantNodes(n => n is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)))
            .OfType<VariableDeclaratorSyntax>())
        {
            if (model.GetDeclaredSymbol(declarator) is ILocalSymbol { Type: { IsAnonymousType: false } type and not IErrorTypeSymbol })
                _variables[declarator.Identifier.Text] = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        }
    }

    private static IEnumerable<(string Name, string Text)> Types(CompilationUnitSyntax root) => root.Members
        .Where(m => m is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
        .Select(m => (
            (m as BaseTypeDeclarationSyntax)?.Identifier.Text ?? ((DelegateDeclarationSyntax)m).Identifier.Text,
            m.ToFullString()));
}
