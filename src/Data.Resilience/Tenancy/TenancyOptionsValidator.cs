using Microsoft.Extensions.Options;

namespace Data.Resilience.Tenancy;

internal sealed class TenancyOptionsValidator : IValidateOptions<TenancyOptions>
{
    public ValidateOptionsResult Validate(string? name, TenancyOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.TenantColumn is not { Length: >= 1 and <= 63 })
            errors.AddError("must have 1 to 63 characters.", $"{nameof(TenancyOptions)}.{nameof(options.TenantColumn)}");
        if (!Enum.IsDefined(options.PolicyCheckAtStart))
            errors.AddError("must be Off, Warn or Fail.", $"{nameof(TenancyOptions)}.{nameof(options.PolicyCheckAtStart)}");
        return errors.Build();
    }
}
