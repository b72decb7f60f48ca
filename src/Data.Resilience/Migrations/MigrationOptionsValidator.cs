using Microsoft.Extensions.Options;

namespace Data.Resilience.Migrations;

internal sealed class MigrationOptionsValidator : IValidateOptions<MigrationOptions>
{
    public ValidateOptionsResult Validate(string? name, MigrationOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(options.ConnectionString is not "", nameof(options.ConnectionString), "null or a connection string");
        Check(Within(options.LockWaitTimeout, TimeSpan.Zero, TimeSpan.FromHours(24)), nameof(options.LockWaitTimeout), "zero to 24 hours");
        Check(
            Within(options.TableLockTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            nameof(options.TableLockTimeout),
            "1 ms to 1 hour");
        Check(options.MaxTableLockRetryAttempts is >= 0 and <= 1_000, nameof(options.MaxTableLockRetryAttempts), "0 to 1,000");
        Check(
            Within(options.StatementTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
            nameof(options.StatementTimeout),
            "1 s to 7 days");
        return errors.Build();

        static bool Within(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(MigrationOptions)}.{property}");
        }
    }
}
