using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Makes repositories over a session.</summary>
public static class RepositoryExtensions
{
    /// <summary>Makes a repository that reads within the session.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <typeparam name="TKey">The type of its primary key; a value tuple, in the key's order, for a composite one.</typeparam>
    /// <param name="session">The session; the repository lives no longer.</param>
    /// <returns>The repository.</returns>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not an entity of the context, or its key is of another
    /// type.</exception>
    public static IReadRepository<T, TKey> ReadRepository<T, TKey>(this IDbSession<DbContext> session)
        where T : class
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(session);
        return new ReadRepository<T, TKey>(session.Context);
    }

    /// <summary>Makes a repository that reads and writes within the session.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <typeparam name="TKey">The type of its primary key; a value tuple, in the key's order, for a composite one.</typeparam>
    /// <param name="session">A write session; the repository lives no longer.</param>
    /// <returns>The repository.</returns>
    /// <exception cref="InvalidOperationException">
    /// The session only reads, <typeparamref name="T"/> is not an entity of the context, or its key is of another type.
    /// </exception>
    public static IRepository<T, TKey> Repository<T, TKey>(this IDbSession<DbContext> session)
        where T : class
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Kind != DbSessionKind.Write)
            throw new InvalidOperationException("A read session cannot write. Use ReadRepository, or open the session with WriteAsync.");
        return new Repository<T, TKey>(session.Context);
    }
}
