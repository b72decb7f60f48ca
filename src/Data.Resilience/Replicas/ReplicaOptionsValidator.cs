using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Replicas;

internal sealed class ReplicaOptionsValidator : IValidateOptions<ReplicaOptions>
{
    public ValidateOptionsResult Validate(string? name, ReplicaOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(
            (options.HasShards || options.ConnectionStrings.Count > 0) && options.ConnectionStrings.All(IsUsable),
            nameof(options.ConnectionStrings),
            "one valid Npgsql connection string per replica, each with one Host");
        CheckTime(
            options.CheckInterval,
            TimeSpan.FromMilliseconds(10),
            TimeSpan.FromMinutes(1),
            nameof(options.CheckInterval),
            "10 ms to 1 min");
        CheckTime(
            options.CheckTimeout,
            TimeSpan.FromMilliseconds(10),
            TimeSpan.FromMinutes(1),
            nameof(options.CheckTimeout),
            "10 ms to 1 min");
        CheckTime(
            options.MaxStaleness,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromDays(1),
            nameof(options.MaxStaleness),
            "100 ms to 1 day");
        CheckTime(options.TokenWait, TimeSpan.Zero, TimeSpan.FromMinutes(1), nameof(options.TokenWait), "zero to 1 min");
        Check(options.FailureThreshold is >= 1 and <= 100, nameof(options.FailureThreshold), "1 to 100");
        Check(options.RecoveryThreshold is >= 1 and <= 100, nameof(options.RecoveryThreshold), "1 to 100");
        return errors.Build();

        void CheckTime(TimeSpan value, TimeSpan least, TimeSpan most, string property, string range) =>
            Check(value >= least && value <= most, property, range);

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(ReplicaOptions)}.{property}");
        }
    }

    /// <summary>Whether a connection string can be that of a replica.</summary>
    public static bool IsUsable(string? connectionString)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(connectionString)
                && new NpgsqlConnectionStringBuilder(connectionString) is { Host: { Length: > 0 } host }
                && !host.Contains(',', StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Not the exception's text, which may quote a password.
            return false;
        }
    }
}
