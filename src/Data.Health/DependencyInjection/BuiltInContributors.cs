using System.Diagnostics.CodeAnalysis;
using Data.Health.Configuration;
using Data.Health.Contributors;
using Data.Health.Evaluation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Data.Health.DependencyInjection;

/// <summary>
/// Adds the contributors of this package: one instance for the lifetime of the application, disposed with it, with named options that are
/// validated at start and with settings that the application can override.
/// </summary>
internal static class BuiltInContributors
{
    private const DynamicallyAccessedMemberTypes Members =
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.PublicProperties;

    public static DataHealthBuilder AddBuiltIn<
        [DynamicallyAccessedMembers(Members)] TOptions>(
        this DataHealthBuilder builder,
        string name,
        BuiltIn<TOptions> contributor,
        Action<TOptions>? configure,
        Action<ContributorOptions>? settings)
        where TOptions : class, IContributorSettings
    {
        return builder.AddWithOptions(name, contributor, Configure, settings);

        void Configure(OptionsBuilder<TOptions> options)
        {
            if (configure is not null)
                options.Configure(configure);
        }
    }

    /// <summary>Adds a contributor with options from a section.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="contributor">The contributor.</param>
    /// <param name="section">The section.</param>
    /// <param name="bind">Binds it; written by the caller, because the binder's source generator needs the type of the options.</param>
    /// <param name="settings">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    public static DataHealthBuilder AddBuiltIn<
        [DynamicallyAccessedMembers(Members)] TOptions>(
        this DataHealthBuilder builder,
        string name,
        BuiltIn<TOptions> contributor,
        IConfigurationSection section,
        Action<OptionsBuilder<TOptions>, IConfigurationSection> bind,
        Action<ContributorOptions>? settings)
        where TOptions : class, IContributorSettings
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new ContributorSection(section.Path));
        return builder.AddWithOptions(name, contributor, Configure, settings);

        void Configure(OptionsBuilder<TOptions> options)
        {
            bind(options, section);
            builder.Services.AddSingleton<IValidateOptions<TOptions>>(new ContributorSectionValidator<TOptions>(name, section));
        }
    }

    public static DataHealthBuilder AddBuiltIn(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, IHealthCheck> create,
        BuiltInKind kind,
        Action<ContributorOptions>? settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var key = new BuiltInKey(name);
        builder.Services.AddKeyedSingleton(key, (sp, _) => create(sp));
        return builder.AddContributor(name, sp => sp.GetRequiredKeyedService<IHealthCheck>(key), options =>
        {
            options.ShowDescription = true;
            options.Critical = kind.Critical;
            options.Period = kind.Period;
            foreach (var tag in kind.Tags)
                options.Tags.Add(tag);
            settings?.Invoke(options);
        });
    }

    private static DataHealthBuilder AddWithOptions<
        [DynamicallyAccessedMembers(Members)] TOptions>(
        this DataHealthBuilder builder,
        string name,
        BuiltIn<TOptions> contributor,
        Action<OptionsBuilder<TOptions>> configure,
        Action<ContributorOptions>? settings)
        where TOptions : class, IContributorSettings
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        configure(builder.Services.AddOptions<TOptions>(name).ValidateOnStart());
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TOptions>, ContributorSettingsValidator<TOptions>>());
        return builder.AddBuiltIn(
            name,
            sp => contributor.Create(sp, sp.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name)),
            contributor.Kind,
            settings);
    }

    private sealed record BuiltInKey(string Name);
}
