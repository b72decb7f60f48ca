using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Data.DocumentationTests;

/// <summary>Compiles samples as an empty web project would: implicit usings, nullable references, warnings as errors.</summary>
internal static class SampleCompiler
{
    /// <summary>What Microsoft.NET.Sdk.Web imports without being asked.</summary>
    private static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading",
        "System.Threading.Tasks", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    /// <summary>The tests' own tools, which no reader has.</summary>
    private static readonly string[] Tools = ["xunit", "Shouldly", "Microsoft.CodeAnalysis", "Data.TestServers", "Microsoft.Test"];

    /// <summary>
    /// A sample may leave a variable, function or parameter unused (CS0168, CS0219, CS8321, CS9113), a field unset (CS0169, CS0649,
    /// CS0414), a call without await (CS1998, CS4014), and repeat a using of its page (CS0105, CS8933). The SDK itself leaves out
    /// CS1701 and CS1702, which see a reference in a higher patch version.
    /// </summary>
    private static readonly string[] Allowed =
        ["CS0168", "CS0219", "CS8321", "CS9113", "CS0169", "CS0649", "CS0414", "CS1998", "CS4014", "CS0105", "CS8933", "CS1701", "CS1702"];

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest, DocumentationMode.None);

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. Listed("references.txt")
            .Where(path => !Tools.Any(tool => Path.GetFileName(path).StartsWith(tool, StringComparison.OrdinalIgnoreCase)))
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private static readonly Lazy<ISourceGenerator[]> Generators = new(() =>
        [.. Listed("generators.txt")
            .Where(path => path.Contains("Text.Json", StringComparison.Ordinal) || path.Contains("Logging", StringComparison.Ordinal))
            .SelectMany(path => Assembly.LoadFrom(path).GetTypes())
            .Where(type => type.GetCustomAttribute<GeneratorAttribute>() is not null)
            .Select(type => Activator.CreateInstance(type) is IIncrementalGenerator incremental
                ? incremental.AsSourceGenerator()
                : (ISourceGenerator)Activator.CreateInstance(type)!)]);

    private static readonly Lazy<SyntaxTree> Implicit = new(() =>
        Parse(new CodeSample("", 1, string.Join('\n', ImplicitUsings.Select(space => $"global using global::{space};")))));

    public static SyntaxTree Parse(CodeSample sample) => CSharpSyntaxTree.ParseText(sample.Text, Options, sample.Page);

    /// <summary>Compiles trees together with the implicit usings, after the source generators have run.</summary>
    public static Compilation Compile(bool isProgram, params SyntaxTree[] trees)
    {
        var options = new CSharpCompilationOptions(
            isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable,
            optimizationLevel: OptimizationLevel.Release);
        var compilation = CSharpCompilation.Create("Sample", [.. trees, Implicit.Value], References.Value, options);
        CSharpGeneratorDriver.Create(Generators.Value, parseOptions: Options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return generated;
    }

    /// <summary>Returns what the compiler says against a sample, each with the page's own line.</summary>
    public static IReadOnlyList<string> Messages(Compilation compilation, SyntaxTree tree, CodeSample sample) =>
        [.. compilation.GetDiagnostics()
            .Where(d => d.Severity >= DiagnosticSeverity.Warning && !Allowed.Contains(d.Id, StringComparer.Ordinal))
            // What the page shows around the sample is reported where it stands.
            .Where(d => d.Location.SourceTree == tree || d.Location.SourceTree is null)
            .Select(d => $"{sample.Page}:{sample.Line + Line(d)}: {d.Id}: {d.GetMessage()}")
            .Distinct()];

    private static int Line(Diagnostic diagnostic) => diagnostic.Location.GetLineSpan().StartLinePosition.Line;

    private static string[] Listed(string file) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, file));
}
