using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Newtonsoft.Json;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

namespace ConfigurationService.Tests.Schemas;

/// <summary>A client that NSwag generates from the service's document with its default settings, compiled and called.</summary>
internal sealed class GeneratedClient
{
    private readonly object _client;

    private GeneratedClient(object client) => _client = client;

    public static async Task<GeneratedClient> CreateAsync(string document, HttpClient http)
    {
        var settings = new CSharpClientGeneratorSettings
        {
            ClassName = "Client",
            UseBaseUrl = false,
            // One client for all tags.
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
        };
        var code = new CSharpClientGenerator(await OpenApiDocument.FromJsonAsync(document), settings).GenerateFile();
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "GeneratedClient",
            [CSharpSyntaxTree.ParseText(code)],
            assemblies.Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        stream.Position = 0;
        var assembly = new AssemblyLoadContext("GeneratedClient", isCollectible: true).LoadFromStream(stream);
        return new GeneratedClient(Activator.CreateInstance(assembly.GetTypes().Single(static t => t.Name == "Client"), http)!);
    }

    /// <summary>Calls an operation; parameters that are not named get what the client gives them by default.</summary>
    public async Task<object?> CallAsync(string operation, params (string Name, object Value)[] arguments)
    {
        var method = Method(operation);
        var values = method.GetParameters().Select(parameter => Argument(parameter, arguments)).ToArray();
        var task = (Task)method.Invoke(_client, values)!;
        await task;
        return task.GetType().GetProperty("Result")!.GetValue(task);
    }

    /// <summary>A body of an operation with the members of another object of the client, as a program copies them.</summary>
    public object BodyOf(string operation, object source) => JsonConvert.DeserializeObject(
        JsonConvert.SerializeObject(source), Method(operation).GetParameters().Single(static p => p.Name == "body").ParameterType)!;

    /// <summary>A new body of an operation, with one member set.</summary>
    public object BodyWith(string operation, string member, object value)
    {
        var body = BodyOf(operation, new { });
        body.GetType().GetProperty(member)!.SetValue(body, value);
        return body;
    }

    private MethodInfo Method(string operation) => _client.GetType().GetMethods()
        .Where(m => m.Name.Equals($"{operation}Async", StringComparison.OrdinalIgnoreCase)).MinBy(static m => m.GetParameters().Length)!;

    private static object? Argument(ParameterInfo parameter, (string Name, object Value)[] arguments)
    {
        var (name, value) = arguments.FirstOrDefault(a => a.Name == parameter.Name);
        if (name is null)
            return parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
        return parameter.ParameterType.IsEnum ? Enum.Parse(parameter.ParameterType, (string)value, ignoreCase: true) : value;
    }
}
