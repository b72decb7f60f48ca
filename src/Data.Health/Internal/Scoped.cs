using Microsoft.Extensions.DependencyInjection;

namespace Data.Health.Internal;

/// <summary>Gives the application's delegates a scope per run, so that they can use scoped services such as a database context.</summary>
internal static class Scoped
{
    public static Func<CancellationToken, ValueTask<T>> Each<T>(
        IServiceProvider services,
        Func<IServiceProvider, CancellationToken, ValueTask<T>> work) =>
        async cancellation =>
        {
            var scope = services.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
                return await work(scope.ServiceProvider, cancellation).ConfigureAwait(false);
        };

    public static Func<CancellationToken, Task> Each(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> work) =>
        async cancellation =>
        {
            var scope = services.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
                await work(scope.ServiceProvider, cancellation).ConfigureAwait(false);
        };
}
