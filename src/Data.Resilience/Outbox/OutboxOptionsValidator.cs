using Microsoft.Extensions.Options;

namespace Data.Resilience.Outbox;

/// <summary>Names every setting that is out of range, with the range.</summary>
internal sealed class OutboxOptionsValidator : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(options.Schema is not "", nameof(options.Schema), "null or a name");
        Check(OutboxTables.IsLegal(options.Name), nameof(options.Name), "1 to 40 ASCII letters, digits or underscores");
        Check(options.MaxPayloadBytes is >= 1 and <= 64 << 20, nameof(options.MaxPayloadBytes), "1 B to 64 MiB");
        Check(Enum.IsDefined(options.WakeUp), nameof(options.WakeUp), "AfterCommit, InTransaction or Polling");
        Check(options.ConnectionString is not "", nameof(options.ConnectionString), "null or a connection string");
        Check(options.ListenConnectionString is not "", nameof(options.ListenConnectionString), "null or a connection string");
        CheckTime(options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1), nameof(options.PollInterval), "10 ms to 1 h");
        Check(options.BatchSize is >= 1 and <= 10_000, nameof(options.BatchSize), "1 to 10,000");
        Check(options.MaxConcurrentLanes is >= 1 and <= 256, nameof(options.MaxConcurrentLanes), "1 to 256");
        Check(options.MaxConcurrentPublishes is >= 1 and <= 1_000, nameof(options.MaxConcurrentPublishes), "1 to 1,000");
        CheckTime(
            options.PublishTimeout,
            TimeSpan.FromMilliseconds(10),
            TimeSpan.FromMinutes(10),
            nameof(options.PublishTimeout),
            "10 ms to 10 min");
        Check(options.MaxAttempts is >= 1 and <= 10_000, nameof(options.MaxAttempts), "1 to 10,000");
        CheckTime(options.BaseDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(options.BaseDelay), "1 ms to 1 h");
        CheckTime(options.MaxDelay, options.BaseDelay, TimeSpan.FromHours(24), nameof(options.MaxDelay), "BaseDelay to 24 h");
        CheckTime(options.MaxLag, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), nameof(options.MaxLag), "1 s to 7 days");
        return errors.Build();

        void CheckTime(TimeSpan value, TimeSpan least, TimeSpan most, string property, string range) =>
            Check(value >= least && value <= most, property, range);

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(OutboxOptions)}.{property}");
        }
    }
}
