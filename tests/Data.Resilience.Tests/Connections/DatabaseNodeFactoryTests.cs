using Data.Resilience.Connections;
using Data.Resilience.Tests.Support;
using Npgsql;

namespace Data.Resilience.Tests.Connections;

public sealed class DatabaseNodeFactoryTests
{
    [Theory]
    [InlineData("Host=a", 15, 15, 12, 2000)]
    [InlineData("Host=a,b", 15, 15, 6, 2000)]
    [InlineData("Host=a", 0.3, 1, 1, 300)]
    [InlineData("Host=a,b,c", 1.5, 2, 1, 1500)]
    [InlineData("Host=a", 60, 30, 15, 2000)]
    [InlineData("Host=a;Timeout=3;Command Timeout=4;Cancellation Timeout=-1", 15, 4, 3, -1)]
    [InlineData("Host=a;Timeout=0;Command Timeout=0;Cancellation Timeout=0", 15, 15, 12, 15000)]
    [InlineData("Host=a;Timeout=0", 7200, 30, 1024, 2000)]
    [InlineData("Host=a;Cancellation Timeout=0", 0.02, 1, 1, 100)]
    public async Task Create_LimitsOfTheDriver_AreNoLongerThanTheAttemptsAndTheUsers(
        string connectionString, double attemptSeconds, int command, int connect, int cancellation)
    {
        await using var bank = BankDatabase.Connect(connectionString, options =>
        {
            options.Retry.AttemptTimeout = TimeSpan.FromSeconds(attemptSeconds);
            options.Retry.TotalTimeout = TimeSpan.FromHours(3);
        });
        var settings = new NpgsqlConnectionStringBuilder(bank.Keyed<DatabaseNode>().DataSource.ConnectionString);

        settings.CommandTimeout.ShouldBe(command);
        settings.Timeout.ShouldBe(connect);
        settings.CancellationTimeout.ShouldBe(cancellation);
    }
}
