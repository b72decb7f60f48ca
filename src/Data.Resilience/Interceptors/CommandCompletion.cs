using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.Interceptors;

/// <summary>What is known when a command has ended; lives on the stack.</summary>
/// <remarks>
/// EF has disposed the ADO.NET command by then, so what it held is kept in EF's own terms; a command that EF did not send has none of it.
/// </remarks>
internal readonly record struct CommandCompletion(
    TimeSpan Duration,
    bool Failed,
    IRelationalCommand? Command = null,
    IReadOnlyDictionary<string, object?>? ParameterValues = null,
    IRelationalConnection? Connection = null)
{
    /// <summary>The same parameters once more; made only for the few commands that are reported.</summary>
    public NpgsqlParameter[] CreateParameters()
    {
        if (Command is null)
            return [];

        using var command = new NpgsqlCommand();
        foreach (var parameter in Command.Parameters)
            parameter.AddDbParameter(command, ParameterValues);
        var parameters = command.Parameters.ToArray();
        command.Parameters.Clear();
        return parameters;
    }
}
