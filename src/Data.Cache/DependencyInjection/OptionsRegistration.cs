using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Data.Cache.DependencyInjection;

/// <summary>Registers options with their validator; every overload that takes options calls it.</summary>
internal static class OptionsRegistration
{
    /// <summary>Registers named options, validated at start.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key of the cache, null for the unkeyed one.</param>
    /// <param name="setUp">Binds a section, or configures the options. Binding is done by the caller, because the generated code of a
    /// binding needs the type.</param>
    public static void AddValidated<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidator>(
        this IServiceCollection services,
        object? key,
        Action<OptionsBuilder<TOptions>> setUp)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        var options = services.AddOptions<TOptions>(KeyedCaches.OptionsName(key));
        setUp(options);
        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
    }
}
