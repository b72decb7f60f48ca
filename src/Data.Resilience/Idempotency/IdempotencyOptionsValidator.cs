using Microsoft.Extensions.Options;

namespace Data.Resilience.Idempotency;

internal sealed class IdempotencyOptionsValidator : IValidateOptions<IdempotencyOptions>
{
    public ValidateOptionsResult Validate(string? name, IdempotencyOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(IsName(options.Table), nameof(options.Table), "a name of 1 to 63 characters");
        Check(options.Schema is null || IsName(options.Schema), nameof(options.Schema), "null or a name of 1 to 63 characters");
        Check(options.MaxResultSize is >= 1 and <= 16_777_216, nameof(options.MaxResultSize), "1 to 16,777,216");
        Check(
            options.Retention >= TimeSpan.FromMinutes(1) && options.Retention <= TimeSpan.FromDays(3_650),
            nameof(options.Retention),
            "1 min to 3,650 days");
        Check(
            options.RemovalInterval is null
                || (options.RemovalInterval >= TimeSpan.FromSeconds(1) && options.RemovalInterval <= TimeSpan.FromDays(1)),
            nameof(options.RemovalInterval),
            "null or 1 s to 1 day");
        Check(options.RemovalBatchSize is >= 1 and <= 100_000, nameof(options.RemovalBatchSize), "1 to 100,000");
        return errors.Build();

        static bool IsName(string value) => !string.IsNullOrWhiteSpace(value) && value.Length <= 63 && !value.Contains('\0');

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(IdempotencyOptions)}.{property}");
        }
    }
}
