using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Makes EF build commands that the strategy learns from.</summary>
internal class StrategyCommandBuilderFactory(RelationalCommandBuilderDependencies dependencies) : IRelationalCommandBuilderFactory
{
    public IRelationalCommandBuilder Create() => new Builder(this, dependencies);

    /// <summary>Makes a command from one that EF built.</summary>
    protected virtual StrategyCommand Create(RelationalCommandBuilderDependencies commandDependencies, IRelationalCommand built) =>
        new(commandDependencies, built.CommandText, built.LogCommandText, built.Parameters);

    private sealed class Builder(StrategyCommandBuilderFactory factory, RelationalCommandBuilderDependencies dependencies)
        : RelationalCommandBuilder(dependencies)
    {
        // The base builder alone knows the redacted text for the log; everything else is public.
        public override IRelationalCommand Build() => factory.Create(Dependencies, base.Build());
    }
}
