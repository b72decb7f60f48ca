using Data.Health.Configuration;
using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.Notifications;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Data.Health.DependencyInjection;

/// <summary>Reports every invalid setting at once, so that one start shows them all.</summary>
internal sealed class DataHealthOptionsValidator(
    IOptions<HealthCheckServiceOptions> checks,
    IEnumerable<ContributorSettings> settings,
    IEnumerable<BoundSection> sections,
    IEnumerable<ContributorSection> parts,
    IOptions<HostOptions> host) : IValidateOptions<DataHealthOptions>
{
    public ValidateOptionsResult Validate(string? name, DataHealthOptions options)
    {
        var registrations = checks.Value.Registrations;
        var names = registrations.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var errors = sections.SelectMany(s => UnknownKeys(s.Section)).ToList();
        errors.AddRange(registrations.GroupBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1)
            .Select(g => $"{g.Count()} contributors have the name '{g.Key}'; names are compared without case."));
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
        if (options.ShutdownDelay < TimeSpan.Zero || options.ShutdownDelay >= host.Value.ShutdownTimeout)
        {
            errors.Add($"ShutdownDelay is {options.ShutdownDelay}; it must be 0 to less than the host's ShutdownTimeout of "
                + $"{host.Value.ShutdownTimeout}, which has to leave time for the services to stop.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> UnknownKeys(IConfigurationSection section) =>
        StrictSection.Errors<DataHealthOptions>(section, path => parts.Any(p => p.IsWithin(path)))
            .Concat(StrictSection.Errors<ContributorOptions>(section.GetSection(nameof(DataHealthOptions.Defaults))))
            .Concat(StrictSection.MemberErrors<ContributorOptions>(section.GetSection(nameof(DataHealthOptions.Contributors))))
            .Concat(StrictSection.MemberErrors<HealthGroupOptions>(section.GetSection(nameof(DataHealthOptions.Groups))))
            .Concat(StrictSection.Errors<HealthEndpointOptions>(section.GetSection(nameof(DataHealthOptions.Endpoints))))
            .Concat(StrictSection.MemberErrors<WebhookOptions>(section.GetSection(nameof(DataHealthOptions.Webhooks))));
}
