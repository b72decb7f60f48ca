using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>Thrown when PostgreSQL refused a write because of a constraint; the derived type says of which kind.</summary>
/// <remarks>The transaction is aborted unless the write ran under a savepoint. Names are given, the values never.</remarks>
public abstract class ConstraintViolationException : DataResilienceException
{
    private protected ConstraintViolationException(string kind, PostgresException postgres, Exception innerException)
        : base(
            $"{kind} constraint {postgres.ConstraintName ?? "(unnamed)"}"
            + (postgres.TableName is null ? "" : $" of table {postgres.TableName}")
            + (string.IsNullOrEmpty(postgres.ColumnName) ? "" : $", column {postgres.ColumnName}") + " was violated.",
            innerException)
    {
        ConstraintName = postgres.ConstraintName;
        SchemaName = postgres.SchemaName;
        TableName = postgres.TableName;
        ColumnName = postgres.ColumnName;
        SqlState = postgres.SqlState;
    }

    /// <summary>The constraint's name; null for a column that must not be null.</summary>
    public string? ConstraintName { get; }

    /// <summary>The schema of <see cref="TableName"/>.</summary>
    public string? SchemaName { get; }

    /// <summary>The table that has the constraint.</summary>
    public string? TableName { get; }

    /// <summary>The column, where PostgreSQL names one.</summary>
    public string? ColumnName { get; }

    /// <summary>PostgreSQL's five-character code.</summary>
    public string SqlState { get; }

    /// <summary>Finds the constraint violation in an exception, whoever wrapped it.</summary>
    /// <param name="exception">What a write threw.</param>
    /// <returns>The typed exception with <paramref name="exception"/> inside; null when no constraint is to blame.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is null.</exception>
    public static ConstraintViolationException? From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is ConstraintViolationException known)
                return known;
            if (cause is not PostgresException postgres)
                continue;
            return postgres.SqlState switch
            {
                PostgresErrorCodes.UniqueViolation => new DuplicateKeyException(postgres, exception),
                PostgresErrorCodes.ForeignKeyViolation => new ForeignKeyViolationException(postgres, exception),
                PostgresErrorCodes.CheckViolation => new CheckViolationException(postgres, exception),
                PostgresErrorCodes.NotNullViolation => new NotNullViolationException(postgres, exception),
                PostgresErrorCodes.ExclusionViolation => new ExclusionViolationException(postgres, exception),
                _ => null,
            };
        }

        return null;
    }
}

/// <summary>A primary key or unique constraint was violated (23505).</summary>
public sealed class DuplicateKeyException : ConstraintViolationException
{
    internal DuplicateKeyException(PostgresException postgres, Exception innerException)
        : base("Unique", postgres, innerException)
    {
    }
}

/// <summary>A foreign key was violated (23503): the row referred to is missing, or is still referred to.</summary>
public sealed class ForeignKeyViolationException : ConstraintViolationException
{
    internal ForeignKeyViolationException(PostgresException postgres, Exception innerException)
        : base("Foreign key", postgres, innerException)
    {
    }
}

/// <summary>A check constraint was violated (23514).</summary>
public sealed class CheckViolationException : ConstraintViolationException
{
    internal CheckViolationException(PostgresException postgres, Exception innerException)
        : base("Check", postgres, innerException)
    {
    }
}

/// <summary>A column that must not be null was given none (23502).</summary>
public sealed class NotNullViolationException : ConstraintViolationException
{
    internal NotNullViolationException(PostgresException postgres, Exception innerException)
        : base("Not-null", postgres, innerException)
    {
    }
}

/// <summary>An exclusion constraint was violated (23P01).</summary>
public sealed class ExclusionViolationException : ConstraintViolationException
{
    internal ExclusionViolationException(PostgresException postgres, Exception innerException)
        : base("Exclusion", postgres, innerException)
    {
    }
}
