using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.Interceptors;

/// <summary>Makes EF build observed commands.</summary>
internal sealed class ObservedCommandBuilderFactory(RelationalCommandBuilderDependencies dependencies) : IRelationalCommandBuilderFactory
{
    public IRelationalCommandBuilder Create() => new Builder(dependencies);

    private sealed class Builder(RelationalCommandBuilderDependencies dependencies) : RelationalCommandBuilder(dependencies)
    {
        public override IRelationalCommand Build()
        {
            // The base builder alone knows the redacted text for the log; everything else is public.
            var built = base.Build();
            return new ObservedCommand(Dependencies, built.CommandText, built.LogCommandText, built.Parameters);
        }
    }
}
