using Microsoft.Extensions.Options;

namespace Data.Resilience.Pooling;

internal sealed class PoolOptionsValidator : IValidateOptions<PoolOptions>
{
    public ValidateOptionsResult Validate(string? name, PoolOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        var most = options.MaxSize ?? 1024;
        Check(options.MaxSize is null or (>= 1 and <= 1024), nameof(options.MaxSize), "null or 1 to 1,024");
        Check(
            options.MinSize is null || (options.MinSize >= 0 && options.MinSize <= most),
            nameof(options.MinSize),
            "null or 0 to MaxSize");
        Check(
            Within(options.WaitTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(17)),
            nameof(options.WaitTimeout),
            "null or 1 s to 17 min");
        Check(Within(options.MaxAge, TimeSpan.Zero, TimeSpan.FromHours(24)), nameof(options.MaxAge), "null or zero to 24 hours");
        Check(Within(options.PrePingAfter, TimeSpan.Zero, TimeSpan.MaxValue), nameof(options.PrePingAfter), "null, zero or more");
        Check(
            Within(options.PrePingTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)), nameof(options
                .PrePingTimeout), "1 ms to 1 min");
        Check(
            Within(options.LeakThreshold, TimeSpan.FromMilliseconds(10), TimeSpan.MaxValue),
            nameof(options.LeakThreshold),
            "null or 10 ms or more");
        Check(options.WarmUpCount >= 0 && options.WarmUpCount <= most, nameof(options.WarmUpCount), "0 to MaxSize");
        return errors.Build();

        static bool Within(TimeSpan? value, TimeSpan least, TimeSpan most) => value is null || (value >= least && value <= most);

        void Check(bool legal, string property, string range)
        {
            if (!legal)
                errors.AddError($"must be {range}.", $"{nameof(PoolOptions)}.{property}");
        }
    }
}
