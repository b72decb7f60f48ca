using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience;

/// <summary>Names every setting that is out of range, with the range.</summary>
internal sealed class DataResilienceOptionsValidator : IValidateOptions<DataResilienceOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, DataResilienceOptions options)
    {
        var failures = FindFailures(options);
        CheckConnection(options, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Names what is out of range among the settings that need no connection string.</summary>
    public static List<string> FindFailures(DataResilienceOptions options)
    {
        var failures = new List<string>();
        if (options.Name is { Length: 0 or > 63 })
            failures.Add("Name must have 1 to 63 characters.");
        CheckRetry(options.Retry, failures);
        CheckCircuit(options.CircuitBreaker, failures);
        return failures;
    }

    private static void CheckConnection(DataResilienceOptions options, List<string> failures)
    {
        var isMissing = string.IsNullOrWhiteSpace(options.ConnectionString);
        if (options.HasDataSource && !isMissing)
            failures.Add("ConnectionString must be empty with UseDataSource, whose data source is used instead.");
        else if (!options.HasDataSource && isMissing)
            failures.Add("ConnectionString is required: it is null or empty. Is the name given to GetConnectionString configured?");
        if (options.HasDataSource || isMissing)
            return;

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
            if (string.IsNullOrWhiteSpace(settings.Host))
                failures.Add("ConnectionString must name a Host.");
            if (settings.Multiplexing)
                failures.Add("ConnectionString must not set Multiplexing: a session needs a connection of its own.");
            if (options.RequireVerifiedTls && settings.SslMode != SslMode.VerifyFull)
            {
                failures.Add($"RequireVerifiedTls is set, but ConnectionString asks for SSL Mode={settings.SslMode}. Set SSL "
                    + "Mode=VerifyFull and, for a private authority, Root Certificate.");
            }
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Not the exception's text, which may quote a password.
            failures.Add("ConnectionString is not a valid Npgsql connection string.");
        }
    }

    private static void CheckRetry(RetryOptions retry, List<string> failures)
    {
        Check(failures, "Retry:MaxRetryAttempts", retry.MaxRetryAttempts, 0, 100);
        Check(failures, "Retry:MaxConflictRetryAttempts", retry.MaxConflictRetryAttempts, 0, 100);
        Check(failures, "Retry:MaxResourceRetryAttempts", retry.MaxResourceRetryAttempts, 0, 100);
        Check(failures, "Retry:BaseDelay", retry.BaseDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Check(failures, "Retry:MaxDelay", retry.MaxDelay, retry.BaseDelay, TimeSpan.FromMinutes(10));
        Check(failures, "Retry:AttemptTimeout", retry.AttemptTimeout, TimeSpan.FromMilliseconds(10), Day);
        Check(failures, "Retry:TotalTimeout", retry.TotalTimeout, retry.AttemptTimeout, Day);
        Check(failures, "Retry:CommitVerificationTimeout", retry.CommitVerificationTimeout, TimeSpan.FromMilliseconds(100), Day);
        Check(failures, "Retry:BudgetTokens", retry.BudgetTokens, 0, 1_000_000);
        Check(failures, "Retry:BudgetRefill", retry.BudgetRefill, 0.001, 1);
    }

    private static void CheckCircuit(CircuitBreakerOptions circuit, List<string> failures)
    {
        Check(failures, "CircuitBreaker:FailureRatio", circuit.FailureRatio, 0.001, 1);
        Check(failures, "CircuitBreaker:SlowRatio", circuit.SlowRatio, 0.001, 1);
        Check(failures, "CircuitBreaker:SlowThreshold", circuit.SlowThreshold, TimeSpan.FromMilliseconds(1), Day);
        Check(failures, "CircuitBreaker:MinimumThroughput", circuit.MinimumThroughput, 2, 1_000_000);
        Check(failures, "CircuitBreaker:SamplingDuration", circuit.SamplingDuration, TimeSpan.FromMilliseconds(500), Day);
        Check(failures, "CircuitBreaker:BreakDuration", circuit.BreakDuration, TimeSpan.FromMilliseconds(10), Day);
        Check(failures, "CircuitBreaker:MaxBreakDuration", circuit.MaxBreakDuration, circuit.BreakDuration, Day);
        Check(failures, "CircuitBreaker:QueueLimit", circuit.QueueLimit, 1, 1_000_000);
    }

    private static void Check<T>(List<string> failures, string setting, T value, T least, T greatest)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(greatest) > 0)
            failures.Add(FormattableString.Invariant($"{setting} is {value}; it must be from {least} to {greatest}."));
    }
}
