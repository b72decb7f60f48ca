using PrivateServers;

namespace Data.TestServers.Tests;

public sealed class TestServersTests
{
    [Fact]
    public async Task StartAsync_ServerMissing_FailsOnCiAndSkipsElsewhere()
    {
        var missing = new ServerMissingException("PostgreSQL", "initdb", "postgres", "DATA_POSTGRES_BIN");
        var error = await Should.ThrowAsync<ServerMissingException>(() => TestServers.StartAsync<PostgresServer>(() => throw missing));
        error.Message.ShouldBe((TestServers.MissingFails ? "" : "$XunitDynamicSkip$") + missing.Message);
        error.Message.ShouldContain("eng/install-servers.sh postgres");
    }
}
