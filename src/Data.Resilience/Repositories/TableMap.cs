using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.Repositories;

/// <summary>
/// How an entity's properties become columns of its table, for writes that go past the change tracker. Made once per model.
/// </summary>
internal sealed class TableMap<T>
    where T : class
{
    private const string Annotation = "Data.Resilience:TableMap";

    private TableMap(IEntityType entityType, ISqlGenerationHelper sql)
    {
        if (entityType.GetTableMappings().Count() != 1)
            throw Unsupported("it is mapped to several tables (or to none)");
        if (entityType.GetNavigations().FirstOrDefault(n => n.ForeignKey.IsOwnership && !n.IsOnDependent) is { } owned)
            throw Unsupported($"its owned part {owned.Name} would be left out; map it as a complex property");

        EntityType = entityType;
        Table = entityType.GetTableMappings().Single().Table;
        QualifiedName = sql.DelimitIdentifier(Table.Name, Table.Schema);
        var entity = Expression.Parameter(typeof(T), "e");
        var columns = new List<TableColumn<T>>();
        Add(columns, entityType, entity, entity, sql);
        Columns = columns;
    }

    public IEntityType EntityType { get; }

    public ITable Table { get; }

    /// <summary>Schema and table, quoted.</summary>
    public string QualifiedName { get; }

    public IReadOnlyList<TableColumn<T>> Columns { get; }

    public static TableMap<T> Of(DbContext context)
    {
        var type = EntityTypes.Of<T>(context);
        return type.GetOrAddRuntimeAnnotationValue(
            Annotation, static arguments => new TableMap<T>(arguments.type, arguments.sql), (type, sql: context
                .GetService<ISqlGenerationHelper>()));
    }

    public static NotSupportedException Unsupported(string reason) =>
        new($"{typeof(T).Name} cannot be written in bulk: {reason}. Use AddRangeAsync for it.");

    private static void Add(
        List<TableColumn<T>> columns, ITypeBase type, Expression owner, ParameterExpression entity, ISqlGenerationHelper sql)
    {
        foreach (var property in type.GetProperties())
        {
            if (!IsWritten(property))
                continue;
            if (!property.IsShadowProperty())
                columns.Add(TableColumn<T>.Of(property, Member(owner, property), entity, sql));
            else if (type is IEntityType root && property == root.FindDiscriminatorProperty())
                columns.Add(TableColumn<T>.Of(property, Expression.Constant(root.GetDiscriminatorValue(), property.ClrType), entity, sql));
            else if (!property.IsNullable && !TableColumn<T>.HasDefault(property))
                throw Unsupported($"its shadow property {property.Name} has no value to write");
        }

        foreach (var complex in type.GetComplexProperties())
        {
            if (complex.IsCollection || complex.IsNullable || complex.ComplexType.IsMappedToJson())
                throw Unsupported($"its complex property {complex.Name} is a collection, optional or JSON");
            Add(columns, complex.ComplexType, Member(owner, complex), entity, sql);
        }
    }

    private static bool IsWritten(IProperty property) =>
        property.ValueGenerated is ValueGenerated.Never or ValueGenerated.OnAdd && property.GetComputedColumnSql() is null;

    private static MemberExpression Member(Expression owner, IPropertyBase property)
    {
        var member = property.GetMemberInfo(forMaterialization: false, forSet: false);
        return Expression.MakeMemberAccess(
            owner.Type == member.DeclaringType ? owner : Expression.Convert(owner, member.DeclaringType!),
            member);
    }
}
