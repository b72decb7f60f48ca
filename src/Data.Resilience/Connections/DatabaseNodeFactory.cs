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
internal sealed class DatabaseNodeFactory(
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
        if (options.RequireVerifiedTls && builder.ConnectionStringBuilder.SslMode != SslMode.VerifyFull)
        {
            throw new InvalidOperationException($"RequireVerifiedTls is set, but the data source '{name}' asks for SSL "
                + $"Mode={builder.ConnectionStringBuilder.SslMode}. Set SSL Mode=VerifyFull.");
        }

        var circuit = new DatabaseCircuit(name, options.CircuitBreaker, time, logger);
        var budget = new RetryBudget(options.Retry.BudgetTokens, options.Retry.BudgetRefill);
        var gate = new AttemptGate(circuit, budget, options.CircuitBreaker, builder.ConnectionStringBuilder.MaxPoolSize, time);
        return new DatabaseNode(name, builder.Build(), gate);
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
}
