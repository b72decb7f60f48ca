using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Cache.DependencyInjection;

/// <summary>Finds what belongs to a cache by its key; null is the key of the unkeyed cache.</summary>
internal static class KeyedCaches
{
    /// <summary>Returns the name of a cache's options.</summary>
    public static string OptionsName(object? key) => key is null ? Options.DefaultName : key.ToString() ?? string.Empty;

    // Without a key also where the container does not know keyed services.
    public static DataCache GetDataCache(this IServiceProvider provider, object? key) =>
        key is null ? provider.GetRequiredService<DataCache>() : provider.GetRequiredKeyedService<DataCache>(key);
}
