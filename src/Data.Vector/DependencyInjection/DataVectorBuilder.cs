using Microsoft.Extensions.DependencyInjection;

namespace Data.Vector;

/// <summary>A vector store that has been registered.</summary>
/// <remarks>Used while services are registered; not safe for concurrent use.</remarks>
public sealed class DataVectorBuilder
{
    internal DataVectorBuilder(IServiceCollection services, object? key)
    {
        Services = services;
        Key = key;
    }

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Key of the store, null for the unkeyed one.</summary>
    public object? Key { get; }
}
