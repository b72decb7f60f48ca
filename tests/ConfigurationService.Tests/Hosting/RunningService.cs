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
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningService(string folder, string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        Folder = folder;
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

    public static async Task<RunningService> StartAsync(string folder)
    {
        var service = new RunningService(folder, [], new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            var address = await service._address.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            service.Http = new HttpClient { BaseAddress = new Uri(address) };
            service.Admin = new ServiceClient(service.Http, (await File.ReadAllTextAsync(service.AdminKeyFile)).Trim());
            return service;
        }
        catch (Exception e)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException($"The service did not start:\n{service.Output}", e);
        }
    }

    /// <summary>Runs the binary to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        await using var service = new RunningService(folder, arguments, settings.ToDictionary(static s => s.Name, static s => s.Value, StringComparer.Ordinal));
        await service.EndAsync();
        return (service._process.ExitCode, service.Output);
    }

    /// <summary>kill -9: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Ctrl-C.</summary>
    public async Task<int> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
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
