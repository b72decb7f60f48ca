using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Interceptors;

/// <summary>Swaps EF's command factory and its concurrency detector in the contexts of sessions, so that their use is guarded.</summary>
internal sealed class SessionCommandsExtension : IDbContextOptionsExtension
{
    private DbContextOptionsExtensionInfo? _info;

    public DbContextOptionsExtensionInfo Info => _info ??= new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services) =>
        services.AddSingleton<IRelationalCommandBuilderFactory, ObservedCommandBuilderFactory>()
            .AddScoped<IConcurrencyDetector, SessionConcurrencyDetector>();

    public void Validate(IDbContextOptions options)
    {
        // Nothing to check.
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "SessionCommands ";

        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["SessionCommands"] = "1";
    }
}
