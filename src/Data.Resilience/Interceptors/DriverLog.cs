using System.Reflection;

namespace Data.Resilience.Interceptors;

/// <summary>Reads the log entries with which the driver announces its commands: the text first, the connector's id last.</summary>
/// <typeparam name="TState">The type of an entry's state, a structure of the logging framework.</typeparam>
/// <remarks>
/// Through its interface the structure would be boxed for every command; a method that is made for its type calls it directly.
/// </remarks>
internal static class DriverLog<TState>
{
    /// <summary>Returns the text; several texts for a batch.</summary>
    public static readonly Func<TState, object?> Text = Create<object?>(nameof(TextOf)) ?? (static _ => null);

    /// <summary>Returns the number of the server process, which <c>NpgsqlConnection.ProcessID</c> has too.</summary>
    public static readonly Func<TState, int> ProcessId = Create<int>(nameof(ProcessIdOf)) ?? (static _ => 0);

    private static Func<TState, TValue>? Create<TValue>(string method) =>
        typeof(IReadOnlyList<KeyValuePair<string, object?>>).IsAssignableFrom(typeof(TState))
            ? typeof(DriverLog<TState>).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(typeof(TState))
                .CreateDelegate<Func<TState, TValue>>()
            : null;

    private static object? TextOf<T>(T state)
        where T : IReadOnlyList<KeyValuePair<string, object?>> => state.Count > 0 ? state[0].Value : null;

    // The template comes behind all values.
    private static int ProcessIdOf<T>(T state)
        where T : IReadOnlyList<KeyValuePair<string, object?>> => state.Count > 1 && state[state.Count - 2].Value is int id ? id : 0;
}
