using Data.TestServers.Folders;
using PrivateServers;

namespace Data.TestServers;

/// <summary>
/// A server of a test: on 127.0.0.1, with a temporary folder, gone when it is disposed and when the process ends, however it ends.
/// Its port stays the same over restarts. Members may be called from any thread.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private readonly PrivateServer _server;

    private protected TestServer(PrivateServer server) => _server = server;

    /// <summary>The address: always 127.0.0.1.</summary>
    public string Host => _server.Host;

    /// <summary>The TCP port.</summary>
    public int Port => _server.Port;

    /// <summary>The server's folder, with its log and settings.</summary>
    public string Folder => _server.Folder;

    /// <summary>Whether the server's process exists. It may be frozen.</summary>
    public bool IsRunning => _server.IsRunning;

    /// <summary>The id of the server's process; 0 while it does not run.</summary>
    public int ProcessId => _server.ProcessId;

    /// <summary>The last lines of the server's log.</summary>
    /// <returns>The lines; empty when there are none.</returns>
    public string LogTail() => _server.LogTail();

    /// <summary>Kills the server and all its processes with SIGKILL, as in a crash; its data stays.</summary>
    /// <returns>A task that ends when the processes are gone.</returns>
    public Task KillAsync() => _server.KillAsync();

    /// <summary>Stops the server in order; its data stays.</summary>
    /// <returns>A task that ends when the server is gone.</returns>
    public Task StopAsync() => _server.StopAsync();

    /// <summary>Starts the server again on its port after a stop or a kill; does nothing when it runs.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>A task that ends when the server serves.</returns>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => _server.StartAgainAsync(cancellationToken);

    /// <summary>Stops the server in order and starts it again on its port.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>A task that ends when the server serves.</returns>
    public Task RestartAsync(CancellationToken cancellationToken = default) => _server.RestartAsync(cancellationToken);

    /// <summary>Stops all processes of the server with SIGSTOP: connections stay and nothing answers.</summary>
    public void Freeze() => _server.Freeze();

    /// <summary>Lets a frozen server go on.</summary>
    public void Resume() => _server.Resume();

    /// <summary>Stops the server and removes its folder.</summary>
    /// <returns>A task that ends when both are gone.</returns>
    public virtual async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        TestRun.Remove(_server.Folder);
        GC.SuppressFinalize(this);
    }
}
