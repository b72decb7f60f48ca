using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>Draws identity values from their sequence ahead of a COPY, which has no RETURNING.</summary>
internal static class GeneratedKeys
{
    public static async Task AssignAsync<T>(TableMap<T> map, NpgsqlConnection connection, T[] entities, CancellationToken cancellationToken)
        where T : class
    {
        foreach (var column in map.Columns.Where(c => c.IsKey && c.IsStoreGenerated))
        {
            var unset = Array.FindAll(entities, e => column.IsUnset(e));
            if (unset.Length == 0)
                continue;
            if (column.Property.PropertyInfo is not { CanWrite: true } property || !IsInteger(property.PropertyType))
            {
                throw TableMap<T>.Unsupported(
                    $"its key {column.Property.Name} is generated but no settable integer property, so ReturnKeys cannot work");
            }

            await DrawAsync(map, connection, column, unset, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task DrawAsync<T>(
        TableMap<T> map, NpgsqlConnection connection, TableColumn<T> column, T[] entities, CancellationToken cancellationToken)
        where T : class
    {
        var table = StoreObjectIdentifier.Table(map.Table.Name, map.Table.Schema);
        var command = new NpgsqlCommand("SELECT nextval(pg_get_serial_sequence($1, $2)) FROM generate_series(1, $3)", connection)
        {
            Parameters =
            {
                new() { Value = map.QualifiedName },
                new() { Value = column.Property.GetColumnName(table)! },
                new() { Value = entities.Length },
            },
        };
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        var property = column.Property.PropertyInfo!;
        for (var i = 0; await reader.ReadAsync(cancellationToken).ConfigureAwait(false); i++)
        {
            if (await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false))
                throw TableMap<T>.Unsupported($"its key {column.Property.Name} has no sequence of its own, so ReturnKeys cannot work");
            property.SetValue(
                entities[i],
                System.Convert.ChangeType(reader.GetInt64(0), property.PropertyType, CultureInfo.InvariantCulture));
        }
    }

    private static bool IsInteger(Type type) => type == typeof(long) || type == typeof(int) || type == typeof(short);
}
