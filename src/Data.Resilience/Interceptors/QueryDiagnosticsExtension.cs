using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Interceptors;

/// <summary>Carries the monitor in a context's options and gives each context an account of its commands.</summary>
internal sealed class QueryDiagnosticsExtension(QueryMonitor monitor) : IDbContextOptionsExtension
{
    private DbContextOptionsExtensionInfo? _info;

    public QueryMonitor Monitor { get; } = monitor;

    public DbContextOptionsExtensionInfo Info => _info ??= new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services)
    {
        services.AddScoped(static provider => new QueryScope(
            provider.GetRequiredService<IDbContextOptions>().FindExtension<QueryDiagnosticsExtension>()!.Monitor, isOfContext: true));
        services.AddScoped<IResettableService>(static provider => provider.GetRequiredService<QueryScope>());
    }

    public void Validate(IDbContextOptions options)
    {
        // Nothing to check: the options of the monitor are validated where they are registered.
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "QueryDiagnostics ";

        // The monitor is read from the options of each context, so all of them can share EF's internal services.
        public override int GetServiceProviderHashCode() => 0;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["QueryDiagnostics"] = "1";
    }
}
