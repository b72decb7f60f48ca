using System.Data;
using System.Text;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience.Isolation;

/// <summary>
/// Sessions allow exactly the anomalies that PostgreSQL allows at the same level, and run again what PostgreSQL refuses.
/// </summary>
public sealed class HermitageTests
{
    private const string Occurs = "occurs";

    // What the Hermitage project found for PostgreSQL; a script that never meets its anomaly would prove nothing.
    private static readonly Dictionary<IsolationLevel, string[]> Known = new()
    {
        [IsolationLevel.ReadCommitted] = ["PMP", "P4", "G-single", "G2-item", "G2"],
        [IsolationLevel.RepeatableRead] = ["G2-item", "G2"],
        [IsolationLevel.Serializable] = [],
    };

    public static TheoryData<IsolationLevel> Levels() => [.. Known.Keys];

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task WriteAsync_EveryAnomaly_AsOverPlainConnectionsAndRunAgainWhereRefused(IsolationLevel level)
    {
        var connectionString = await (await SharedServers.PostgresAsync()).CreateDatabaseAsync();
        await using var services = new Ledger(connectionString).Connect(new NpgsqlConnectionStringBuilder(connectionString).Port);
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var table = new StringBuilder();
        foreach (var (name, script) in Anomaly.Scripts)
        {
            var (plain, refused, _) = await PlayAsync(connectionString, level, script, sessions: null);
            var (through, _, repeated) = await PlayAsync(connectionString, level, script, sessions);
            table.AppendLine(FormattableString.Invariant($"| {name} | {plain} | {through} | {repeated} |"));

            through.ShouldBe(plain, name);
            repeated.ShouldBe(refused, name);
            (plain == Occurs).ShouldBe(Known[level].Contains(name), name);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(table.ToString());
    }

    private static async Task<(string Cell, int Refused, int Repeated)> PlayAsync(
        string connectionString, IsolationLevel level, Func<Stage, Task<bool>> script, IDbSessionFactory<LedgerContext>? sessions)
    {
        await using var stage = new Stage(connectionString, level, sessions);
        await stage.ResetAsync();
        var occurs = await script(stage);
        var failures = stage.Failures;
        var cell = occurs ? Occurs : failures.Length > 0 ? $"prevented ({failures})" : "prevented";
        return (cell, failures.Length > 0 ? failures.Split(", ").Length : 0, stage.Repeated);
    }
}
