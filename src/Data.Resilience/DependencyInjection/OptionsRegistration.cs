using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Data.Resilience.DependencyInjection;

/// <summary>
/// Registers the options of a context's database, or of a part added to it, under the builder's name: checked at start and filled in from
/// elsewhere, from a configuration section or in code.
/// </summary>
internal static class OptionsRegistration
{
    /// <summary>Registers options that are configured elsewhere.</summary>
    public static DataResilienceBuilder<TContext> WithOptions<TContext, TOptions>(
        this DataResilienceBuilder<TContext> builder,
        IValidateOptions<TOptions>? validator)
        where TContext : DbContext
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        Register(builder, validator);
        return builder;
    }

    /// <summary>Registers options that are read from a section.</summary>
    /// <remarks>
    /// A key that is no setting fails the start. The call of <c>Bind</c> is the caller's, as the binding generator needs one with a
    /// concrete type.
    /// </remarks>
    public static DataResilienceBuilder<TContext> WithOptions<TContext, TOptions>(
        this DataResilienceBuilder<TContext> builder,
        IValidateOptions<TOptions>? validator,
        IConfigurationSection section,
        Action<OptionsBuilder<TOptions>, IConfigurationSection> bind)
        where TContext : DbContext
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        bind(Register(builder, validator), section);
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(new StrictSection<TOptions>(builder.OptionsName, section));
        return builder;
    }

    /// <summary>Registers options that are set in code.</summary>
    public static DataResilienceBuilder<TContext> WithOptions<TContext, TOptions>(
        this DataResilienceBuilder<TContext> builder,
        IValidateOptions<TOptions>? validator,
        Action<TOptions> configure)
        where TContext : DbContext
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        Register(builder, validator).Configure(configure);
        return builder;
    }

    /// <summary>Returns the validated options of a builder's name.</summary>
    public static TOptions GetOptions<TOptions>(this IServiceProvider provider, string name)
        where TOptions : class =>
        provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);

    private static OptionsBuilder<TOptions> Register<TContext, TOptions>(
        DataResilienceBuilder<TContext> builder,
        IValidateOptions<TOptions>? validator)
        where TContext : DbContext
        where TOptions : class
    {
        // One validator serves every context: a second one would list each failure twice.
        if (validator is not null)
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton(validator));

        return builder.Services.AddOptions<TOptions>(builder.OptionsName).ValidateOnStart();
    }
}
