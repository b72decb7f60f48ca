using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Data.ArchitectureTests;

/// <summary>
/// The sources of one project, bound by the compiler against the assemblies that this test runs with. Source generators do not run
/// and foreign types may be missing: the project's own type names bind all the same.
/// </summary>
internal sealed class SourceProject
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.None);

    private static readonly Lazy<PortableExecutableReference[]> Assemblies = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private readonly CSharpCompilation _compilation;
    private readonly HashSet<string> _names;

    public SourceProject(string name, IEnumerable<(string Path, string Text)> files)
    {
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(file.Text, Options, file.Path)).ToArray();
        // The built assembly of the same name would offer each type a second time.
        var references = Assemblies.Value.Where(a => Path.GetFileNameWithoutExtension(a.FilePath) != name);
        _compilation = CSharpCompilation.Create(name, trees, references, new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        _names = trees.SelectMany(tree => tree.GetRoot().DescendantNodes(n => n is not BlockSyntax).OfType<MemberDeclarationSyntax>())
            .Select(member => member switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                DelegateDeclarationSyntax type => type.Identifier.Text,
                _ => "",
            })
            .ToHashSet(StringComparer.Ordinal);
        // An attribute is written without the end of its name.
        _names.UnionWith([.. _names.Where(n => n.EndsWith("Attribute", StringComparison.Ordinal)).Select(n => n[..^9])]);
    }

    public static SourceProject Read(string folder) => new(
        Path.GetFileName(folder),
        Repository.FilesUnder(folder, "*.cs").Select(file => (Path.GetRelativePath(folder, file), File.ReadAllText(file))));

    /// <summary>The first-level folders that have sources, the root included.</summary>
    public IEnumerable<string> Folders => _compilation.SyntaxTrees.Select(Folder).Distinct(StringComparer.Ordinal);

    /// <summary>Returns every mention of a type of the project outside the folder that defines it, comments left out.</summary>
    public IEnumerable<TypeReference> References()
    {
        foreach (var tree in _compilation.SyntaxTrees)
        {
            var model = _compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (!_names.Contains(name.Identifier.Text) || Named(model, name) is not { } type)
                    continue;
                var folders = type.DeclaringSyntaxReferences.Select(d => Folder(d.SyntaxTree)).Distinct(StringComparer.Ordinal).ToArray();
                if (folders.Length == 1 && folders[0] != Folder(tree))
                    yield return new(Folder(tree), folders[0], type.Name, $"{tree.FilePath}:{Line(name)}");
            }
        }
    }

    /// <summary>Returns the files of internal types whose namespace is not the expected one, with that namespace.</summary>
    public IEnumerable<string> InternalTypesOutside(Func<string, string> namespaceOf)
    {
        foreach (var tree in _compilation.SyntaxTrees)
        {
            var model = _compilation.GetSemanticModel(tree);
            var types = tree.GetRoot().DescendantNodes(n => n is not (BaseTypeDeclarationSyntax or DelegateDeclarationSyntax))
                .Where(n => n is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
                .Select(n => (INamedTypeSymbol)model.GetDeclaredSymbol(n)!).ToArray();
            // What a public type brings along in its own file shares its namespace.
            if (types.Any(type => type.DeclaredAccessibility == Accessibility.Public))
                continue;
            var wanted = namespaceOf(Path.GetDirectoryName(tree.FilePath)!);
            foreach (var type in types.Where(type => type.ContainingNamespace.ToDisplayString() != wanted))
                yield return $"{tree.FilePath}: {type.Name} is in {type.ContainingNamespace.ToDisplayString()} instead of {wanted}";
        }
    }

    private static INamedTypeSymbol? Named(SemanticModel model, SimpleNameSyntax name)
    {
        var info = model.GetSymbolInfo(name);
        var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        // An attribute's name binds to its constructor.
        var type = symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } made ? made.ContainingType : symbol as INamedTypeSymbol;
        while (type?.ContainingType is { } outer)
            type = outer;
        return type?.OriginalDefinition;
    }

    private static string Folder(SyntaxTree tree) => tree.FilePath.Contains('/') ? tree.FilePath.Split('/')[0] : FolderGraph.Root;

    private static int Line(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}
