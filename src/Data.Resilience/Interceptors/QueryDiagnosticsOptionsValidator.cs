using Microsoft.Extensions.Options;

namespace Data.Resilience.Interceptors;

internal sealed class QueryDiagnosticsOptionsValidator : IValidateOptions<QueryDiagnosticsOptions>
{
    public ValidateOptionsResult Validate(string? name, QueryDiagnosticsOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(options.SlowQueryThreshold > TimeSpan.Zero, nameof(options.SlowQueryThreshold), "greater than zero");
        Check(options.TagThresholds.Values.All(t => t > TimeSpan.Zero), nameof(options.TagThresholds), "greater than zero for every tag");
        Check(options.SlowQueryLogInterval >= TimeSpan.Zero, nameof(options.SlowQueryLogInterval), "zero or more");
        Check(Enum.IsDefined(options.PlanCapture), nameof(options.PlanCapture), "None, Explain or AnalyzeReads");
        Check(
            options.PlanCaptureTimeout >= TimeSpan.FromMilliseconds(1) && options.PlanCaptureTimeout <= TimeSpan.FromMinutes(10),
            nameof(options.PlanCaptureTimeout),
            "1 ms to 10 min");
        Check(options.MaxFingerprintCount is >= 1 and <= 100_000, nameof(options.MaxFingerprintCount), "1 to 100,000");
        Check(options.FingerprintCacheCount is >= 16 and <= 1_000_000, nameof(options.FingerprintCacheCount), "16 to 1,000,000");
        Check(options.TopQueryCount is >= 0 and <= 1_000, nameof(options.TopQueryCount), "0 to 1,000");
        Check(Enum.IsDefined(options.NPlusOne), nameof(options.NPlusOne), "None, Count, Log or Throw");
        Check(options.NPlusOneLimit is >= 1 and <= 100_000, nameof(options.NPlusOneLimit), "1 to 100,000");
        return errors.Build();

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(QueryDiagnosticsOptions)}.{property}");
        }
    }
}
