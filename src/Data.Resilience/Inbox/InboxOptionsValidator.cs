using Microsoft.Extensions.Options;

namespace Data.Resilience.Inbox;

/// <summary>Names every setting that is out of range, with the range.</summary>
internal sealed class InboxOptionsValidator : IValidateOptions<InboxOptions>
{
    public ValidateOptionsResult Validate(string? name, InboxOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(options.Schema is not "", nameof(options.Schema), "null or a name");
        Check(!string.IsNullOrWhiteSpace(options.Table) && options.Table.Length <= 63, nameof(options.Table), "1 to 63 characters");
        Check(
            options.Retention >= TimeSpan.FromSeconds(1) && options.Retention <= TimeSpan.FromDays(3653),
            nameof(options.Retention),
            "1 s to 10 years");
        Check(
            options.CleanUpInterval is null
                || (options.CleanUpInterval >= TimeSpan.FromSeconds(1) && options.CleanUpInterval <= TimeSpan.FromHours(24)),
            nameof(options.CleanUpInterval),
            "null or 1 s to 24 h");
        Check(options.CleanUpBatchSize is >= 1 and <= 100_000, nameof(options.CleanUpBatchSize), "1 to 100,000");
        return errors.Build();

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(InboxOptions)}.{property}");
        }
    }
}
