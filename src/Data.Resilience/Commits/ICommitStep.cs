using Npgsql;

namespace Data.Resilience.Commits;

/// <summary>
/// Statements that a part of a session collects while the delegate runs, and that are sent in the same message as COMMIT.
/// </summary>
/// <remarks>Belongs to one attempt; what a failed attempt collected is gone with it.</remarks>
internal interface ICommitStep
{
    /// <summary>Number of items collected so far.</summary>
    int Count { get; }

    /// <summary>Drops the items after the first <paramref name="count"/>, because a savepoint was rolled back.</summary>
    void Truncate(int count);

    /// <summary>Adds the statements for what was collected. They must return no rows: the first result is the guard's.</summary>
    void AddTo(NpgsqlBatch batch);

    /// <summary>Whether a failure is that of the step's own statements, and <see cref="Explain"/> says more about it.</summary>
    bool Explains(PostgresException failure);

    /// <summary>Returns a clearer error for such a failure.</summary>
    Exception Explain(PostgresException failure);
}
