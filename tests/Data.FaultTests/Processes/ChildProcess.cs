using System.Diagnostics;

namespace Data.FaultTests.Processes;

/// <summary>This test program, started again in a process of its own; killed when disposed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private bool _disposed;

    /// <summary>Starts the process.</summary>
    /// <param name="program">What <see cref="Program"/> is to run instead of the tests.</param>
    /// <param name="arguments">What that is told.</param>
    public ChildProcess(string program, params string[] arguments)
        : this([], program, arguments)
    {
    }

    /// <summary>Starts the process under another one.</summary>
    /// <param name="tracer">The other program and its arguments.</param>
    /// <param name="program">
    /// What <see cref="Program"/> is to run instead of the tests. It must end by itself: only the tracer is killed.
    /// </param>
    /// <param name="arguments">What that is told.</param>
    public ChildProcess(string[] tracer, string program, params string[] arguments)
    {
        string[] command = [.. tracer, "dotnet", typeof(ChildProcess).Assembly.Location, program, .. arguments];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);

        // Short-lived and many: quick to start counts more than quick code.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        _process = Process.Start(start)!;
    }

    /// <summary>The next line that the process writes; null at the end.</summary>
    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>Writes a line for the process to read.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>kill -9: the process gets no chance to do anything about it.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;

        _disposed = true;
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
