using Npgsql;
using NpgsqlTypes;

namespace ConfigurationService.Persistence;

/// <summary>Short forms for batches: several statements, one round trip.</summary>
internal static class BatchExtensions
{
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter as NpgsqlParameter ?? Parameter(parameter));
        batch.BatchCommands.Add(command);
    }

    /// <summary>A parameter whose type the server cannot tell from a null.</summary>
    public static NpgsqlParameter Typed(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static NpgsqlParameter Parameter(object? value) => value switch
    {
        null => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value },
        string text => new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text, TypedValue = text },
        _ => new NpgsqlParameter { Value = value },
    };
}
