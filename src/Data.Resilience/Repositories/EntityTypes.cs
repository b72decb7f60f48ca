using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Data.Resilience.Repositories;

internal static class EntityTypes
{
    public static IEntityType Of<T>(DbContext context)
        where T : class => context.Model.FindEntityType(typeof(T))
            ?? throw new InvalidOperationException($"{typeof(T).Name} is not an entity of {context.GetType().Name}; add it to the model.");
}
