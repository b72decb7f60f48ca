using Microsoft.Extensions.Options;

namespace Data.Cache.Llm;

internal sealed class LlmResponseCacheOptionsValidator : IValidateOptions<LlmResponseCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, LlmResponseCacheOptions options)
    {
        var faults = new List<string>();
        if (options.TimeToLive < TimeSpan.FromSeconds(1) || options.TimeToLive > TimeSpan.FromDays(30))
            faults.Add($"TimeToLive must be between 1 second and 30 days, not {options.TimeToLive}.");
        if (options.ModelTimeout < TimeSpan.FromSeconds(1) || options.ModelTimeout > TimeSpan.FromHours(1))
            faults.Add($"ModelTimeout must be between 1 second and 1 hour, not {options.ModelTimeout}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
