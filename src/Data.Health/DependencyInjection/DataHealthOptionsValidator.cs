using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Data.Health.DependencyInjection;

/// <summary>Reports every invalid setting at once, so that one start shows them all.</summary>
internal sealed class DataHealthOptionsValidator(IOptions<HealthCheckServiceOptions> checks, IEnumerable<ContributorSettings> settings)
    : IValidateOptions<DataHealthOptions>
{
    public ValidateOptionsResult Validate(string? name, DataHealthOptions options)
    {
        var registrations = checks.Value.Registrations;
        var names = registrations.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var errors = new List<string>();
        if (names.Count != registrations.Count)
            errors.Add("two contributors have the same name; names are compared without case.");
        errors.AddRange(registrations.Where(r => r.Name.Length == 0 || r.Name.AsSpan().IndexOfAny("/?#% ") >= 0)
            .Select(
                r => $"contributor '{r.Name}': the name becomes part of a path; it must not be empty or contain a space or any of / ? # "
                + "%."));
        errors.AddRange(options.Contributors.Keys.Concat(settings.Select(s => s.Name)).Where(n => !names.Contains(n))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(n => $"settings name the contributor '{n}', which is not registered; "
                + $"there are {string.Join(", ", names.Order(StringComparer.Ordinal))}."));
        foreach (var registration in registrations)
            errors.AddRange(PolicyLayers.Merge(registration, options, settings).Errors(registration.Name));
        errors.AddRange(options.Endpoints.Errors());
        errors.AddRange(options.Webhooks.SelectMany((w, i) => w.Errors(i)));
        if (options.HistoryCount is < 1 or > 10_000)
            errors.Add($"HistoryCount is {options.HistoryCount}; it must be 1 to 10,000.");
        if (options.LivenessMaxSilence < TimeSpan.FromSeconds(1) || options.LivenessMaxSilence > TimeSpan.FromHours(1))
            errors.Add($"LivenessMaxSilence is {options.LivenessMaxSilence}; it must be 1 s to 1 hour.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
