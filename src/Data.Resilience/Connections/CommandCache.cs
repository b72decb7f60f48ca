using System.Collections.Concurrent;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Keeps the command objects of EF's queries while the connection objects that they belong to come and go.</summary>
/// <remarks>
/// Safe for concurrent use. The driver keeps one disposed command per connection object and hands it out again. A session has a connection
/// object of its own, so that nothing kept from it reaches another session; a command with its lists is most of what such an object costs.
/// A command moves only while it is disposed or belongs to no connection.
/// </remarks>
internal sealed class CommandCache
{
    private const int Size = 256;
    private readonly ConcurrentQueue<NpgsqlCommand> _commands = new();

    /// <summary>Gives a new connection object a command to hand out.</summary>
    public void Lend(NpgsqlConnection connection)
    {
        if (!_commands.TryDequeue(out var command))
            return;

        command.Connection = connection;
        command.Dispose();
    }

    /// <summary>Takes the command away from an idle connection object of which nobody outside has taken one.</summary>
    public void TakeBack(NpgsqlConnection connection)
    {
        if (_commands.Count >= Size)
            return;

        var command = connection.CreateCommand();
        command.Connection = null;
        _commands.Enqueue(command);
    }
}
