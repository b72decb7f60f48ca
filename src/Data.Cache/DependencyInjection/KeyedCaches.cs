using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Cache.DependencyInjection;

/// <summary>Finds what belongs to a cache by its key; null is the key of the unkeyed cache.</summary>
internal static class KeyedCaches
{
    /// <summary>Returns the name of a cache's options.</summary>
    public static string OptionsName(object? key) => key is null ? Options.DefaultName : key.ToString() ?? string.Empty;

    /// <summary>Refuses a key whose text is that of another key: their caches would share options.</summary>
    /// <exception cref="ArgumentException">A different key with the same text is registered.</exception>
    public static void RequireOwnText(IServiceCollection services, object? key)
    {
        if (services.Any(service => service.ServiceType == typeof(DataCache) && !Equals(service.ServiceKey, key)
            && OptionsName(service.ServiceKey) == OptionsName(key)))
        {
            throw new ArgumentException(
                $"Another key with the text '{OptionsName(key)}' is registered. "
                + "The text names the options of a cache; use keys with different texts.",
                nameof(key));
        }
    }

    // Without a key also where the container does not know keyed services.
    public static DataCache GetDataCache(this IServiceProvider provider, object? key) =>
        key is null ? provider.GetRequiredService<DataCache>() : provider.GetRequiredKeyedService<DataCache>(key);
}
