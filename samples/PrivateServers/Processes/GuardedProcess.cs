using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace PrivateServers.Processes;

/// <summary>A server process under its guard shell, in a session of its own so that Ctrl-C reaches neither. Thread-safe.</summary>
internal sealed class GuardedProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<GuardedProcess, byte> Running = new();
    private static readonly TimeSpan GuardMargin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FreezeLimit = TimeSpan.FromSeconds(2);
    private readonly Process _guard;
    private readonly GuardedCommand _command;
    private int _disposed;

    private GuardedProcess(Process guard, GuardedCommand command, ProcessIdentity server)
    {
        _guard = guard;
        _command = command;
        Server = server;
        Running.TryAdd(this, 0);
    }

    internal ProcessIdentity Server { get; }

    internal bool HasExited => Volatile.Read(ref _disposed) != 0 || _guard.HasExited;

    /// <summary>Starts the command; returns when its process exists, not when it serves.</summary>
    internal static async Task<GuardedProcess> StartAsync(GuardedCommand command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory,
        };
        var patience = (int)Math.Ceiling(command.StopPatience.TotalSeconds * 20);
        string[] arguments =
        [
            "sh", "-c", GuardScript.Text, "guard", command.StopSignal.ToString().ToUpperInvariant(),
            patience.ToString(CultureInfo.InvariantCulture), command.LogFile, command.FileName, .. command.Arguments,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;

        var guard = Process.Start(start) ?? throw new ServerStartException("The guard shell did not start.");
        try
        {
            var line = await guard.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw new ServerStartException($"The guard shell of {command.FileName} ended before it started the server.");

            // A server that fails at once may be gone already: then the identity matches nothing, which is right.
            var server = ProcessIdentity.Of(id) ?? new ProcessIdentity(id, -1);
            return new GuardedProcess(guard, command, server);
        }
        catch
        {
            guard.StandardInput.Close();
            guard.Dispose();
            throw;
        }
    }

    /// <summary>Stops every server of this process, for use when the process ends: the guards work in parallel.</summary>
    internal static void StopAll(TimeSpan limit)
    {
        var all = Running.Keys.ToArray();
        foreach (var process in all)
            process.Release();
        var deadline = Stopwatch.StartNew();
        foreach (var process in all)
        {
            var left = limit - deadline.Elapsed;
            try
            {
                process._guard.WaitForExit(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (InvalidOperationException)
            {
                // Disposed meanwhile by its owner.
            }
        }
    }

    internal Task WaitForExitAsync(CancellationToken cancellationToken) => _guard.WaitForExitAsync(cancellationToken);

    /// <summary>Asks the server to stop in order and waits until it did or was killed after its patience.</summary>
    internal async Task StopAsync()
    {
        if (HasExited)
            return;
        Release();
        using var limit = new CancellationTokenSource(_command.StopPatience + GuardMargin);
        try
        {
            await _guard.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The guard itself hangs or was stopped: do its work.
            await KillAsync().ConfigureAwait(false);
            _guard.Kill();
        }
    }

    /// <summary>Kills the server and all its children with SIGKILL and waits until they are gone.</summary>
    internal async Task KillAsync()
    {
        var killed = ProcessTree.Kill(Server);
        while (killed.Any(process => process.IsAlive))
            await Task.Delay(2).ConfigureAwait(false);
        await _guard.WaitForExitAsync(CancellationToken.None).WaitAsync(GuardMargin).ConfigureAwait(false);
    }

    /// <summary>Returns when the processes stand still: a signal that is only sent leaves them time for one more answer.</summary>
    internal void Freeze()
    {
        var stopped = ProcessTree.Send(Server, Signal.Stop);
        SpinWait.SpinUntil(() => stopped.All(process => process.IsStopped || !process.IsAlive), FreezeLimit);
    }

    internal void Resume() => ProcessTree.Send(Server, Signal.Cont);

    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _disposed) != 0)
            return;
        await StopAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Running.TryRemove(this, out _);

        // Only when the guard was killed from outside does its server outlive it.
        if (Server.IsAlive)
            ProcessTree.Kill(Server);
        _guard.Dispose();
    }

    private void Release()
    {
        try
        {
            _guard.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The guard is gone: there is nothing left to release.
        }
    }
}
