using Data.TestServers;

namespace Data.Resilience.Tests;

/// <summary>A fresh database on the shared server.</summary>
internal static class TestDatabase
{
    public static async Task<string> CreateAsync() =>
        await (await SharedServers.PostgresAsync()).CreateDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken);
}
