using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.DependencyInjection;

/// <summary>Keeps a context from getting two routers.</summary>
internal static class RouterRegistration
{
    /// <summary>Throws when a router is registered for the context already.</summary>
    public static void EnsureNotRouted<TContext>(this IServiceCollection services)
        where TContext : DbContext
    {
        if (services.Any(static service => service.ServiceType == typeof(ISessionRouter) && Equals(service.ServiceKey, typeof(TContext))))
        {
            throw new InvalidOperationException(
                $"Sessions of {typeof(TContext).Name} are routed already. Call AddReplicas or AddShards once.");
        }
    }
}
