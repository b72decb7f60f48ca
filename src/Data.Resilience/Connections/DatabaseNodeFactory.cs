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
        LimitDriver(builder.ConnectionStringBuilder);
        Check(name, builder.ConnectionStringBuilder);
        return Create(name, builder.Build(), builder.ConnectionStringBuilder.MaxPoolSize, ownsDataSource: true);
    }

    /// <summary>Builds a node over a data source of the application, which is not disposed with the node.</summary>
    public DatabaseNode Create(string name, NpgsqlDataSource dataSource)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        Check(name, settings);
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

    /// <summary>Refuses settings of a connection that contradict those of the context.</summary>
    /// <param name="name">Name of the node, or of what else uses the connection.</param>
    /// <param name="settings">As they are when the application has set its own.</param>
    public void Check(string name, NpgsqlConnectionStringBuilder settings)
    {
        if (settings.Multiplexing)
        {
            throw new InvalidOperationException($"The data source of '{name}' must not set Multiplexing: a session needs a connection of "
                + "its own.");
        }

        if (options.RequireVerifiedTls && settings.SslMode != SslMode.VerifyFull)
        {
            throw new InvalidOperationException($"RequireVerifiedTls is set, but the data source '{name}' asks for SSL "
                + $"Mode={settings.SslMode}. Set SSL Mode=VerifyFull.");
        }
    }

    /// <summary>
    /// Shortens the driver's own limits to those of an attempt: its default of 15 s to connect holds for each cancel request once more, and
    /// that of 30 s for each command whose token nobody passed on.
    /// </summary>
    private void LimitDriver(NpgsqlConnectionStringBuilder settings)
    {
        const int LongestTimeout = 1024;
        var attempt = options.Retry.AttemptTimeout;
        var hosts = settings.Host?.Split(',').Length ?? 1;
        settings.CommandTimeout = Shorter(settings.CommandTimeout, CommandTimeoutOf(attempt));
        // Within the attempt, so that a wait for the pool ends as such, and that a host behind a silent one is reached.
        settings.Timeout = Shorter(settings.Timeout, Math.Clamp((int)(attempt.TotalSeconds * 0.8 / hosts), 1, LongestTimeout));
        settings.CancellationTimeout = Shorter(settings.CancellationTimeout, (int)Math.Max(attempt.TotalMilliseconds, 100));
        // A session commits by itself: a connection that joined a TransactionScope would not.
        settings.Enlist = false;

        // 0 is no limit; the driver's -1, to break without waiting for the cancelled command, is shorter than any.
        static int Shorter(int configured, int derived) => configured == 0 ? derived : Math.Min(configured, derived);
    }

    /// <summary>Returns the driver's command time-out for a limit, in whole seconds.</summary>
    public static int CommandTimeoutOf(TimeSpan limit) => (int)Math.Ceiling(limit.TotalSeconds);

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
        1900,
        LogLevel.Warning,
        "The data source of {Node} has Command Timeout={CommandTimeout} s, beyond Retry:AttemptTimeout ({AttemptTimeout} s). Against a "
            + "server that does not answer, a session lasts that long. Set Command Timeout on the data source")]
    private static partial void LogCommandTimeout(ILogger logger, string node, int commandTimeout, double attemptTimeout);
}
