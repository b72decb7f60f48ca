using Microsoft.Extensions.Options;

namespace Data.Health.Contributors;

/// <summary>Options of a contributor that validate themselves.</summary>
internal interface IContributorSettings
{
    IEnumerable<string> Errors();
}

/// <summary>Validates the options of one kind of contributor, whatever its name.</summary>
internal sealed class ContributorSettingsValidator<TOptions> : IValidateOptions<TOptions>
    where TOptions : class, IContributorSettings
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var errors = options.Errors().Select(e => $"contributor '{name}': {e}").ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
