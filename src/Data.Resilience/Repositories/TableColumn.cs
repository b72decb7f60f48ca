using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>One column of a table and how its value is taken from an entity; everything compiled once.</summary>
internal sealed class TableColumn<T>
    where T : class
{
    public required IProperty Property { get; init; }

    /// <summary>The column's name, quoted.</summary>
    public required string Name { get; init; }

    public required RelationalTypeMapping Mapping { get; init; }

    /// <summary>The property's value, before any converter.</summary>
    public required Func<T, object?> Read { get; init; }

    /// <summary>Writes the column's value, converted, without boxing it.</summary>
    public required Func<NpgsqlBinaryImporter, T, CancellationToken, Task> Copy { get; init; }

    /// <summary>Whether the entity leaves the value to the database.</summary>
    public required Func<T, bool> IsUnset { get; init; }

    /// <summary>The database supplies a value when none is written.</summary>
    public required bool IsStoreGenerated { get; init; }

    /// <summary>EF, not the database, makes up a key when there is none.</summary>
    public bool IsClientGenerated =>
        !IsStoreGenerated && Property is { ValueGenerated: ValueGenerated.OnAdd, ClrType: var type } && type == typeof(Guid);

    public bool IsKey => Property.IsPrimaryKey();

    public static TableColumn<T> Of(IProperty property, Expression value, ParameterExpression entity, ISqlGenerationHelper sql)
    {
        var mapping = property.GetRelationalTypeMapping();
        var table = StoreObjectIdentifier.Create(property.DeclaringType.ContainingEntityType, StoreObjectType.Table)!.Value;
        if (property
            .GetValueGenerationStrategy() == Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.SequenceHiLo)
        {
            throw TableMap<T>.Unsupported($"{property.Name} uses the HiLo strategy");
        }

        var unset = Expression.Call(
            typeof(CopyValue), nameof(CopyValue.IsUnset), [property.ClrType], value, Expression.Constant(
                property.Sentinel,
                property.ClrType));
        return new TableColumn<T>
        {
            Property = property,
            Name = sql.DelimitIdentifier(property.GetColumnName(table)!),
            Mapping = mapping,
            Read = Expression.Lambda<Func<T, object?>>(Expression.Convert(value, typeof(object)), entity).Compile(),
            Copy = CompileCopy(value, entity, mapping),
            IsUnset = Expression.Lambda<Func<T, bool>>(unset, entity).Compile(),
            IsStoreGenerated = property.ValueGenerated == ValueGenerated.OnAdd && HasDefault(property),
        };
    }

    public static bool HasDefault(IProperty property) =>
        property.GetDefaultValueSql() is not null
        || property.TryGetDefaultValue(out _)
        || property.GetValueGenerationStrategy() != Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.None;

    private static Func<NpgsqlBinaryImporter, T, CancellationToken, Task> CompileCopy(
        Expression value, ParameterExpression entity, RelationalTypeMapping mapping)
    {
        var importer = Expression.Parameter(typeof(NpgsqlBinaryImporter), "importer");
        var token = Expression.Parameter(typeof(CancellationToken), "token");
        var converted = Convert(value, mapping);
        var underlying = Nullable.GetUnderlyingType(converted.Type);
        var method = underlying is not null ? nameof(CopyValue.WriteNullable)
            : converted.Type.IsValueType ? nameof(CopyValue.Write)
            : nameof(CopyValue.WriteReference);
        var call = Expression.Call(
            typeof(CopyValue),
            method,
            [underlying ?? converted.Type],
            importer,
            converted,
            Expression.Constant(mapping.StoreTypeNameBase),
            token);
        return Expression.Lambda<Func<NpgsqlBinaryImporter, T, CancellationToken, Task>>(call, importer, entity, token).Compile();
    }

    private static Expression Convert(Expression value, RelationalTypeMapping mapping)
    {
        if (mapping.Converter is not { } converter)
            return value;
        var convert = converter.ConvertToProviderExpression;
        var canBeNull = !value.Type.IsValueType || Nullable.GetUnderlyingType(value.Type) is not null;
        if (!canBeNull || converter.ConvertsNulls)
            return Expression.Invoke(convert, Adapt(value, converter.ModelClrType));

        var provider = converter.ProviderClrType;
        var nullable = provider.IsValueType && Nullable.GetUnderlyingType(provider) is null ?
            typeof(Nullable<>).MakeGenericType(provider) :
            provider;
        return Expression.Condition(
            Expression.Equal(value, Expression.Constant(value: null, value.Type)),
            Expression.Constant(value: null, nullable),
            Expression.Convert(Expression.Invoke(convert, Adapt(value, converter.ModelClrType)), nullable));
    }

    private static Expression Adapt(Expression value, Type type) => value.Type == type ? value : Expression.Convert(value, type);
}
