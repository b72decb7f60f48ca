using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Data.Resilience.Interceptors;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>One INSERT … ON CONFLICT over any number of entities.</summary>
internal sealed class Upsert<T>
    where T : class
{
    // The protocol counts parameters in 16 bits.
    private const int MaxParameterCount = 32_000;
    private const int MaxRowCount = 1_000;

    private readonly DbContext _context;
    private readonly TableMap<T> _map;
    private readonly TableColumn<T>[] _conflict;
    private readonly bool _update;
    private readonly DateTimeOffset _now;

    public Upsert(DbContext context, Expression<Func<T, object?>>? conflictKey, bool update, DateTimeOffset now)
    {
        _context = context;
        _map = TableMap<T>.Of(context);
        _update = update;
        _now = now;
        _conflict = conflictKey is null ? [.. _map.Columns.Where(c => c.IsKey)] : Columns(conflictKey);
    }

    public async Task<UpsertResult> RunAsync(IEnumerable<T> entities, CancellationToken cancellationToken)
    {
        long inserted = 0;
        long updated = 0;
        await _context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var batch in entities.Chunk(Math.Clamp(MaxParameterCount / _map.Columns.Count, 1, MaxRowCount)))
            {
                foreach (var entity in batch)
                    Timestamps.Added(entity, _now);
                foreach (var group in batch.GroupBy(
                    e => string.Join(',', _map.Columns.Where(c => IsLeftOut(c, e)).Select(c => c.Name)),
                    StringComparer.Ordinal))
                {
                    var result = await WriteAsync([.. group], cancellationToken).ConfigureAwait(false);
                    inserted += result.InsertedCount;
                    updated += result.UpdatedCount;
                }
            }
        }
        finally
        {
            await _context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        return new UpsertResult(inserted, updated);
    }

    private bool IsLeftOut(TableColumn<T> column, T entity) =>
        column.IsStoreGenerated && !_conflict.Contains(column) && column.IsUnset(entity);

    private async Task<UpsertResult> WriteAsync(T[] entities, CancellationToken cancellationToken)
    {
        var columns = _map.Columns.Where(c => !IsLeftOut(c, entities[0])).ToArray();
        var command = ((NpgsqlConnection)_context.Database.GetDbConnection()).CreateCommand();
        await using var ownedCommand = command.ConfigureAwait(false);
        var sql = new StringBuilder("INSERT INTO ").Append(_map.QualifiedName).Append(" (")
            .AppendJoin(", ", columns.Select(c => c.Name)).Append(") OVERRIDING SYSTEM VALUE VALUES ");
        for (var row = 0; row < entities.Length; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var i = 0; i < columns.Length; i++)
            {
                var name = "p" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
                sql.Append(i == 0 ? "@" : ", @").Append(name);
                command.Parameters
                    .Add(columns[i].Mapping.CreateParameter(command, name, columns[i].Read(entities[row]), columns[i].Property.IsNullable));
            }

            sql.Append(')');
        }

        AppendConflict(sql, columns);
        // xmax is zero on a row version that no other transaction (and no conflicting update of this one) has touched.
        command.CommandText = sql.Append(" RETURNING (xmax = 0)").ToString();
        return await DirectCommand.ObserveAsync(
            _context, command.CommandText, () => CountAsync(command, cancellationToken), static result => result.InsertedCount
                + result.UpdatedCount).ConfigureAwait(false);
    }

    private void AppendConflict(StringBuilder sql, TableColumn<T>[] columns)
    {
        sql.Append(" ON CONFLICT (").AppendJoin(", ", _conflict.Select(c => c.Name)).Append(") DO ");
        var set = columns.Where(c => !c.IsKey && !_conflict.Contains(c) && !IsCreationTime(c)).Select(c => $"{c.Name} = EXCLUDED.{c.Name}")
            .ToList();
        if (_update && set.Count > 0)
            sql.Append("UPDATE SET ").AppendJoin(", ", set);
        else
            sql.Append("NOTHING");
    }

    private static async Task<UpsertResult> CountAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        long inserted = 0;
        long updated = 0;
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.GetBoolean(0))
                inserted++;
            else
                updated++;
        }

        return new UpsertResult(inserted, updated);
    }

    private static bool IsCreationTime(TableColumn<T> column) =>
        typeof(IHasCreationTime).IsAssignableFrom(typeof(T))
            && string.Equals(column.Property.Name, nameof(IHasCreationTime.CreatedAt), StringComparison.Ordinal);

    private TableColumn<T>[] Columns(Expression<Func<T, object?>> key)
    {
        var body = key.Body is UnaryExpression { NodeType: ExpressionType.Convert } convert ? convert.Operand : key.Body;
        IEnumerable<Expression> parts = body is NewExpression composite ? composite.Arguments : [body];
        return [.. parts.Select(part => part is MemberExpression { Expression: ParameterExpression, Member: var member }
            && _map.Columns.FirstOrDefault(c => string.Equals(c.Property.Name, member.Name, StringComparison.Ordinal)) is { } column
                ? column
                : throw new ArgumentException(
                    $"\"{part}\" is not a column of {typeof(T).Name}; write o => o.Code or o => new {{ o.TenantId, o.Code }}.",
                    nameof(key)))];
    }
}
