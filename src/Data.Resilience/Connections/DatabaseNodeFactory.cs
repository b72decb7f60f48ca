using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>
/// Builds nodes: the primary's, and those of replicas and shards, all with the same settings. A keyed singleton under
/// <c>typeof(TContext)</c>.
/// </summary>
internal sealed partial class DatabaseNodeFactory(
    DataResilienceOptions options,
    TimeProvider time,
    ILogger logger,
    Action<NpgsqlDataSourceBuilder> configure)
{
    /// <summary>Builds a node; the caller disposes it.</summary>
    public DatabaseNode Create(string name, string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        if (options.SendStatementTimeout)
            SendStatementTimeout(builder.ConnectionStringBuilder);
        configure(builder);
        CheckTls(name, builder.ConnectionStringBuilder);
        return Create(name, builder.Build(), builder.ConnectionStringBuilder.MaxPoolSize, ownsDataSource: true);
    }

    /// <summary>Builds a node over a data source of the application, which is not disposed with the node.</summary>
    public DatabaseNode Create(string name, NpgsqlDataSource dataSource)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        CheckTls(name, settings);
        if (settings.Multiplexing)
        {
            throw new InvalidOperationException($"The data source of '{name}' must not set Multiplexing: a session needs a connection of "
                + "its own.");
        }

        var limit = options.Retry.AttemptTimeout;
        if (settings.CommandTimeout == 0 || settings.CommandTimeout > limit.TotalSeconds)
            LogCommandTimeout(logger, name, settings.CommandTimeout, limit.TotalSeconds);
        return Create(name, dataSource, settings.MaxPoolSize, ownsDataSource: false);
    }

    private DatabaseNode Create(string name, NpgsqlDataSource dataSource, int maxPoolSize, bool ownsDataSource)
    {
        var circuit = new DatabaseCircuit(name, options.CircuitBreaker, time, logger);
        var budget = new RetryBudget(options.Retry.BudgetTokens, options.Retry.BudgetRefill);
        var gate = new AttemptGate(circuit, budget, options.CircuitBreaker, maxPoolSize, time);
        return new DatabaseNode(name, dataSource, gate, ownsDataSource);
    }

    private void CheckTls(string name, NpgsqlConnectionStringBuilder settings)
    {
        if (options.RequireVerifiedTls && settings.SslMode != SslMode.VerifyFull)
        {
            throw new InvalidOperationException($"RequireVerifiedTls is set, but the data source '{name}' asks for SSL "
                + $"Mode={settings.SslMode}. Set SSL Mode=VerifyFull.");
        }
    }

    /// <summary>The server's own limit rides in the start-up packet: it holds for every statement and costs no round trip.</summary>
    private void SendStatementTimeout(NpgsqlConnectionStringBuilder settings)
    {
        const string Parameter = "statement_timeout";
        if (settings.Options?.Contains(Parameter, StringComparison.Ordinal) == true)
            return;

        var parameter = FormattableString.Invariant($"-c {Parameter}={(long)options.Retry.AttemptTimeout.TotalMilliseconds}");
        settings.Options = string.IsNullOrEmpty(settings.Options) ? parameter : $"{settings.Options} {parameter}";
    }

    [LoggerMessage(
        1700,
        LogLevel.Warning,
        "The data source of {Node} has Command Timeout={CommandTimeout} s, beyond Retry:AttemptTimeout ({AttemptTimeout} s). Against a "
            + "server that does not answer, a session lasts that long. Set Command Timeout on the data source")]
    private static partial void LogCommandTimeout(ILogger logger, string node, int commandTimeout, double attemptTimeout);
}
