namespace Data.FaultTests.Resilience.Isolation;

/// <summary>
/// The anomalies of the Hermitage project (Martin Kleppmann, 2014), as scripts over the rows (1, 10) and (2, 20). Each tells whether what
/// was seen is the anomaly.
/// </summary>
internal static class Anomaly
{
    private const string Both = "SELECT value FROM test ORDER BY id";
    private const string First = "SELECT value FROM test WHERE id = 1";
    private const string Second = "SELECT value FROM test WHERE id = 2";
    private const string Thirds = "SELECT value FROM test WHERE value % 3 = 0";

    /// <summary>Gets the scripts by the names that Hermitage gives them.</summary>
    public static IReadOnlyDictionary<string, Func<Stage, Task<bool>>> Scripts { get; } =
        new Dictionary<string, Func<Stage, Task<bool>>>(StringComparer.Ordinal)
        {
            ["G0"] = WriteCycleAsync,
            ["G1a"] = AbortedReadAsync,
            ["G1b"] = IntermediateReadAsync,
            ["G1c"] = CircularInformationFlowAsync,
            ["OTV"] = ObservedTransactionVanishesAsync,
            ["PMP"] = PredicateManyPrecedersAsync,
            ["P4"] = LostUpdateAsync,
            ["G-single"] = ReadSkewAsync,
            ["G2-item"] = WriteSkewAsync,
            ["G2"] = PredicateWriteSkewAsync,
        };

    private static string Set(int id, int value) => FormattableString.Invariant($"UPDATE test SET value = {value} WHERE id = {id}");

    private static async Task<bool> WriteCycleAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Set(1, 11));
        var blocked = two.Do(Set(1, 12));
        await stage.UntilBlockedAsync();
        await one.Do(Set(2, 21));
        await one.CommitAsync();
        await blocked;
        await two.Do(Set(2, 22));
        await two.CommitAsync();
        return await stage.ReadAsync(Both) is not ([11, 21] or [12, 22]);
    }

    private static async Task<bool> AbortedReadAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Set(1, 101));
        var before = await two.Do(First);
        await one.AbortAsync();
        var after = await two.Do(First);
        await two.CommitAsync();
        return before is [101] || after is [101];
    }

    private static async Task<bool> IntermediateReadAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Set(1, 101));
        var before = await two.Do(First);
        await one.Do(Set(1, 11));
        await one.CommitAsync();
        var after = await two.Do(First);
        await two.CommitAsync();
        return before is [101] || after is [101];
    }

    private static async Task<bool> CircularInformationFlowAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Set(1, 11));
        await two.Do(Set(2, 22));
        var seenByOne = await one.Do(Second);
        var seenByTwo = await two.Do(First);
        await one.CommitAsync();
        await two.CommitAsync();
        return seenByOne is [22] || seenByTwo is [11];
    }

    private static async Task<bool> ObservedTransactionVanishesAsync(Stage stage)
    {
        var (one, two, three) = (stage.Actor(), stage.Actor(), stage.Actor());
        await one.Do(Set(1, 11));
        await one.Do(Set(2, 19));
        var blocked = two.Do(Set(1, 12));
        await stage.UntilBlockedAsync();
        await one.CommitAsync();
        await blocked;
        await three.Do(First);
        await two.Do(Set(2, 18));
        await three.Do(Second);
        await two.CommitAsync();
        var second = await three.Do(Second);
        var first = await three.Do(First);
        await three.CommitAsync();
        return second is [18] && first is not [12];
    }

    private static async Task<bool> PredicateManyPrecedersAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do("SELECT value FROM test WHERE value = 30");
        await two.Do("INSERT INTO test VALUES (3, 30)");
        await two.CommitAsync();
        var seen = await one.Do(Thirds);
        await one.CommitAsync();
        return seen is [30];
    }

    private static async Task<bool> LostUpdateAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(First);
        await two.Do(First);
        await one.Do(Set(1, 11));
        var blocked = two.Do(Set(1, 12));
        await stage.UntilBlockedAsync();
        await one.CommitAsync();
        await blocked;
        await two.CommitAsync();
        return one.Ended is null && two.Ended is null;
    }

    private static async Task<bool> ReadSkewAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(First);
        await two.Do(Both);
        await two.Do(Set(1, 12));
        await two.Do(Set(2, 18));
        await two.CommitAsync();
        var seen = await one.Do(Second);
        await one.CommitAsync();
        return seen is [18];
    }

    private static async Task<bool> WriteSkewAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Both);
        await two.Do(Both);
        await one.Do(Set(1, 11));
        await two.Do(Set(2, 21));
        await one.CommitAsync();
        await two.CommitAsync();
        return one.Ended is null && two.Ended is null;
    }

    private static async Task<bool> PredicateWriteSkewAsync(Stage stage)
    {
        var (one, two) = (stage.Actor(), stage.Actor());
        await one.Do(Thirds);
        await two.Do(Thirds);
        await one.Do("INSERT INTO test VALUES (3, 30)");
        await two.Do("INSERT INTO test VALUES (4, 42)");
        await one.CommitAsync();
        await two.CommitAsync();
        return one.Ended is null && two.Ended is null;
    }
}
