using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PrivateServers.Folders;
using PrivateServers.Lifecycle;
using PrivateServers.Ports;
using PrivateServers.Processes;

namespace PrivateServers;

/// <summary>
/// A server that runs as a child of this process, on 127.0.0.1 only, in its own folder. It stops when it is disposed and when this
/// process ends, however it ends. The port stays the same over restarts. Members may be called from any thread,
/// one at a time.
/// </summary>
public abstract class PrivateServer : IAsyncDisposable
{
    private const int PortAttempts = 10;
    private readonly PrivateServerOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private FolderOwnership? _ownership;
    private LoopbackPort? _port;
    private GuardedProcess? _process;

    private protected PrivateServer(string name, PrivateServerOptions options, ILogger? logger)
    {
        options.Validate();
        Name = name;
        Folder = Path.GetFullPath(options.Folder);
        _options = options;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Name of the server's kind, for messages.</summary>
    public string Name { get; }

    /// <summary>The folder with the server's data, settings, secrets and log; an absolute path.</summary>
    public string Folder { get; }

    /// <summary>The address that the server listens on: always 127.0.0.1.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The TCP port; known once the server has started.</summary>
    public int Port => _port?.Number ?? 0;

    /// <summary>Whether the server's process exists. It may be frozen.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The id of the server's process; 0 while it does not run.</summary>
    public int ProcessId => IsRunning ? _process!.Server.Id : 0;

    /// <summary>The file that receives the server's output.</summary>
    public string LogPath => Path.Combine(Folder, "server.log");

    /// <summary>Returns the last lines of the server's log.</summary>
    /// <returns>The lines; empty when there are none.</returns>
    public string LogTail() => LogFile.Tail(LogPath);

    /// <summary>Stops the server in order and waits until it is gone; does nothing when it does not run.</summary>
    /// <returns>A task that ends when the process is gone.</returns>
    public Task StopAsync() => ChangeAsync(StopCoreAsync);

    /// <summary>Kills the server and all its processes with SIGKILL, as in a crash; its folder stays.</summary>
    /// <returns>A task that ends when the processes are gone.</returns>
    public Task KillAsync() => ChangeAsync(async () =>
    {
        if (_process is not { HasExited: false } process)
            return;
        await process.KillAsync().ConfigureAwait(false);
        await ForgetAsync().ConfigureAwait(false);
    });

    /// <summary>Starts the server again on its port and folder after a stop or a kill; does nothing when it runs.</summary>
    /// <param name="cancellationToken">Ends the wait; the server is stopped then.</param>
    /// <returns>A task that ends when the server serves.</returns>
    /// <exception cref="ServerStartException">The server did not start; the message holds the tail of its log.</exception>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => ChangeAsync(async () =>
    {
        if (IsRunning)
            return;
        await ForgetAsync().ConfigureAwait(false);
        await LaunchAsync(cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Stops the server in order and starts it again.</summary>
    /// <param name="cancellationToken">Ends the wait for the start.</param>
    /// <returns>A task that ends when the server serves again.</returns>
    /// <exception cref="ServerStartException">The server did not start; the message holds the tail of its log.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync().ConfigureAwait(false);
        await StartAgainAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops all processes of the server with SIGSTOP: connections stay and nothing answers.</summary>
    public void Freeze() => _process?.Freeze();

    /// <summary>Resumes a frozen server with SIGCONT.</summary>
    public void Resume() => _process?.Resume();

    /// <summary>Stops the server and releases its port and folder; the folder's contents remain.</summary>
    /// <returns>A task that ends when the server is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _port?.Dispose();
        _ownership?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ILogger Logger => _logger;

    /// <summary>Prepares the folder; runs once, before the first start, when the port is known.</summary>
    private protected abstract Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Writes the settings for the current port and returns the command that starts the server.</summary>
    private protected abstract Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken);

    /// <summary>Returns whether the server accepts requests. A network exception means that it does not.</summary>
    private protected abstract Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken);

    /// <summary>Removes what a crash may leave outside the folder.</summary>
    private protected virtual void CleanAfterCrash()
    {
    }

    private protected async Task FirstStartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Private servers run on Linux; give the addresses of servers of your own instead.");
        try
        {
            _ownership = await FolderOwnership.TakeAsync(Folder, Name, cancellationToken).ConfigureAwait(false);
            _port = ReservePort();
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await LaunchAsync(cancellationToken).ConfigureAwait(false);
                    return;
                }
                catch (ServerStartException) when (_options.Port == 0 && attempt < PortAttempts && !LoopbackPort.IsFree(Port))
                {
                    // A stranger took the port between the check and the server's own bind.
                    _port.Dispose();
                    _port = LoopbackPort.Any();
                }
            }
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private LoopbackPort ReservePort()
    {
        if (_options.Port == 0)
            return LoopbackPort.Any();
        var port = LoopbackPort.TryReserve(_options.Port);
        if (port is not null && LoopbackPort.IsFree(port.Number))
            return port;
        port?.Dispose();
        throw new ServerStartException(
            $"Port {_options.Port} of 127.0.0.1, chosen for {Name}, is in use. Free it or choose another one; 0 takes a free one.");
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var elapsed = Stopwatch.StartNew();
        var process = await GuardedProcess.StartAsync(await CommandAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await _ownership!.NoteServerAsync(process.Server, cancellationToken).ConfigureAwait(false);
            await WaitUntilServingAsync(process, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _process = process;
        Log.Started(_logger, Name, Port, elapsed.ElapsedMilliseconds);
    }

    private async Task WaitUntilServingAsync(GuardedProcess process, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.StartTimeout);
        try
        {
            while (!await AsksWellAsync(process.Server, limit.Token).ConfigureAwait(false))
            {
                if (process.HasExited)
                    throw new ServerStartException($"{Name} ended while it started. Its log ends with:\n{LogTail()}");
                await Task.Delay(10, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerStartException(
                $"{Name} did not serve within {_options.StartTimeout.TotalSeconds:0} s. Its log ends with:\n{LogTail()}",
                e);
        }
    }

    private async Task<bool> AsksWellAsync(ProcessIdentity server, CancellationToken cancellationToken)
    {
        try
        {
            return await IsServingAsync(server, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or HttpRequestException)
        {
            return false;
        }
    }

    private async Task StopCoreAsync()
    {
        if (_process is null)
            return;
        await _process.StopAsync().ConfigureAwait(false);
        await ForgetAsync().ConfigureAwait(false);
        Log.Stopped(_logger, Name);
    }

    private async Task ForgetAsync()
    {
        if (_process is null)
            return;
        await _process.DisposeAsync().ConfigureAwait(false);
        _process = null;
        CleanAfterCrash();
    }

    private async Task ChangeAsync(Func<Task> change)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }
}
