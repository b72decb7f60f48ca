namespace Data.Resilience.Migrations;

/// <summary>The ways in which a database can differ from its model.</summary>
public enum SchemaDifferenceKind
{
    /// <summary>A table of the model is not in the database.</summary>
    MissingTable,

    /// <summary>A column of the model is not in the table.</summary>
    MissingColumn,

    /// <summary>The table has a column that the model does not know.</summary>
    UnexpectedColumn,

    /// <summary>A column has another type.</summary>
    ColumnType,

    /// <summary>A column may be null in one and not in the other.</summary>
    ColumnNullability,

    /// <summary>The primary key has other columns, or there is none.</summary>
    PrimaryKey,

    /// <summary>An index or unique constraint of the model is not in the database.</summary>
    MissingIndex,

    /// <summary>An index has other columns, another direction or uniqueness, or a filter where the other has none.</summary>
    IndexDefinition,

    /// <summary>The table has an index that the model does not know.</summary>
    UnexpectedIndex,

    /// <summary>An index is there but PostgreSQL does not use it, as its concurrent creation failed.</summary>
    InvalidIndex,

    /// <summary>A foreign key of the model is not in the database.</summary>
    MissingForeignKey,

    /// <summary>A foreign key has other columns, another target or another action on delete.</summary>
    ForeignKeyDefinition,

    /// <summary>A check constraint of the model is not in the database.</summary>
    MissingCheck,
}
