using System.Diagnostics;
using System.Net;
using System.Text;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hosting;

/// <summary>The real binary, as a person starts it, on a free port and a data folder of the test's.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningService(string folder, string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        Folder = folder;
        _settings = settings;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ConfigurationService.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PORT"] = "0";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Folder { get; }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string AdminKeyFile => Path.Combine(Folder, "data", "admin.key");

    public ServiceClient Admin { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Starts the binary and waits until it serves.</summary>
    public static async Task<RunningService> StartAsync(string folder, params (string Name, string Value)[] settings)
    {
        var service = Launch(folder, settings);
        await service.ServesAsync();
        return service;
    }

    /// <summary>Starts the binary without waiting for anything.</summary>
    public static RunningService Launch(string folder, params (string Name, string Value)[] settings) =>
        new(folder, [], Dictionary(settings));

    /// <summary>Runs the binary to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string folder,
        string[] arguments,
        params (string Name, string Value)[] settings)
    {
        await using var service = new RunningService(folder, arguments, Dictionary(settings));
        await service.EndAsync();
        return (service._process.ExitCode, service.Output);
    }

    /// <summary>Waits until the service says that it serves.</summary>
    public async Task ServesAsync()
    {
        try
        {
            var address = await _address.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            Http = new HttpClient { BaseAddress = new Uri(address) };
            Admin = new ServiceClient(
                Http,
                File.Exists(AdminKeyFile) ? (await File.ReadAllTextAsync(AdminKeyFile)).Trim() : _settings["Keys__Admin"]);
        }
        catch (Exception e)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"The service did not start:\n{Output}", e);
        }
    }

    /// <summary>kill -9: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>SIGSTOP: the process is there and does nothing; SIGCONT lets it go on.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ctrl-C.</summary>
    public async Task<int> InterruptAsync()
    {
        await SignalAsync("INT");
        await EndAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await EndAsync();
        _process.Dispose();
        Http?.Dispose();
    }

    private static Dictionary<string, string> Dictionary((string Name, string Value)[] settings) =>
        settings.ToDictionary(static s => s.Name, static s => s.Value, StringComparer.Ordinal);

    private Task EndAsync() => _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, CancellationToken.None);

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (line.StartsWith("Configuration service  ", StringComparison.Ordinal))
            _address.TrySetResult(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }
}
