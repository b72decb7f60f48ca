using System.Diagnostics;
using System.Text;
using Microsoft.CodeAnalysis.Emit;

namespace Data.DocumentationTests;

/// <summary>The program that opens a package's README as a child process. It lies beside the tests and finds their assemblies.</summary>
internal sealed class ReadmeProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _assembly;
    private readonly string _folder = Directory.CreateTempSubdirectory("data-readme-").FullName;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private ReadmeProgram(string assembly) => _assembly = assembly;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Compiles a sample that has to be complete: it sees nothing but the implicit usings.</summary>
    public static ReadmeProgram Compile(CodeSample sample, string name)
    {
        var tree = SampleCompiler.Parse(sample);
        var compilation = SampleCompiler.Compile(isProgram: true, tree).WithAssemblyName("Readme." + name);
        SampleCompiler.Messages(compilation, tree, sample).ShouldBeEmpty();
        var assembly = Path.Combine(AppContext.BaseDirectory, $"Readme.{name}.dll");
        using (var file = File.Create(assembly))
            compilation.Emit(file, options: new EmitOptions()).Success.ShouldBeTrue();
        return new ReadmeProgram(assembly);
    }

    /// <summary>Starts the program and returns the address at which it listens, once it says that it has started.</summary>
    public async Task<Uri> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var own = Path.Combine(AppContext.BaseDirectory, "Data.DocumentationTests");
        string[] arguments = ["exec", "--runtimeconfig", own + ".runtimeconfig.json", "--depsfile", own + ".deps.json", _assembly];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) =>
            _started.TrySetException(new InvalidOperationException("The program ended before it had started:\n" + Output));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _started.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return await _listening.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks the program to stop, as a container's platform does, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var signal = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill(entireProcessTree: true);
        _process?.Dispose();
        File.Delete(_assembly);
        Directory.Delete(_folder, recursive: true);
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        const string Address = "Now listening on: ";
        if (line.IndexOf(Address, StringComparison.Ordinal) is >= 0 and var at)
            _listening.TrySetResult(new Uri(line[(at + Address.Length)..].Trim()));
        if (line.Contains("Application started.", StringComparison.Ordinal))
            _started.TrySetResult();
    }
}
