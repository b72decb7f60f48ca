using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Data.Health.Configuration;

/// <summary>Refuses keys in a contributor's section that its options do not have.</summary>
internal sealed class ContributorSectionValidator<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
    string contributor, IConfigurationSection section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (!string.Equals(name, contributor, StringComparison.Ordinal))
            return ValidateOptionsResult.Skip;
        var errors = StrictSection.Errors<TOptions>(section).Select(e => $"contributor '{name}': {e}").ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
