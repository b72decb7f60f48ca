using Data.Resilience.ExecutionStrategies;
using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.Interceptors;

/// <summary>Makes EF build observed commands.</summary>
internal sealed class ObservedCommandBuilderFactory(RelationalCommandBuilderDependencies dependencies)
    : StrategyCommandBuilderFactory(dependencies)
{
    protected override StrategyCommand Create(RelationalCommandBuilderDependencies commandDependencies, IRelationalCommand built) =>
        new ObservedCommand(commandDependencies, built.CommandText, built.LogCommandText, built.Parameters);
}
