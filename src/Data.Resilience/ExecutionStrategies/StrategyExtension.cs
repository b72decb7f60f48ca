using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Marks a context's options as those of the strategy and swaps EF's command factory.</summary>
internal sealed class StrategyExtension : IDbContextOptionsExtension
{
    private DbContextOptionsExtensionInfo? _info;

    public DbContextOptionsExtensionInfo Info => _info ??= new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services)
    {
        // The factory of the query diagnostics makes commands that the strategy learns from, too.
        if (!services.Any(static service => service.ImplementationType?.IsAssignableTo(typeof(StrategyCommandBuilderFactory)) == true))
            services.AddSingleton<IRelationalCommandBuilderFactory, StrategyCommandBuilderFactory>();
    }

    public void Validate(IDbContextOptions options)
    {
        // Nothing to check: the settings are validated when the options are built.
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "DataResilience ";

        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["DataResilience"] = "1";
    }
}
