using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Builds nodes: the primary's, and those of replicas and shards, all with the same settings. A keyed singleton under <c>typeof(TContext)</c>.</summary>
internal sealed class DatabaseNodeFactory(RetryOptions retry, CircuitBreakerOptions circuit, TimeProvider time, ILogger logger, Action<NpgsqlDataSourceBuilder> configure)
{
    /// <summary>Builds a node; the caller disposes it.</summary>
    public DatabaseNode Create(string name, string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        SendStatementTimeout(builder.ConnectionStringBuilder);
        configure(builder);
        return new DatabaseNode(name, builder.Build(), new DatabaseCircuit(name, circuit, time, logger), new RetryBudget(retry.BudgetTokens, retry.BudgetRefill));
    }

    /// <summary>The server's own limit rides in the start-up packet: it holds for every statement and costs no round trip.</summary>
    private void SendStatementTimeout(NpgsqlConnectionStringBuilder settings)
    {
        const string Parameter = "statement_timeout";
        if (settings.Options?.Contains(Parameter, StringComparison.Ordinal) == true)
            return;

        var option = FormattableString.Invariant($"-c {Parameter}={(long)retry.AttemptTimeout.TotalMilliseconds}");
        settings.Options = string.IsNullOrEmpty(settings.Options) ? option : $"{settings.Options} {option}";
    }
}
