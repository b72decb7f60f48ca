using System.Diagnostics;
using System.Reflection;
using Npgsql;

namespace Data.Resilience.Transience;

/// <summary>Finds out whose code threw an exception. Walks a stack trace: only for failures.</summary>
internal static class ThrowSite
{
    private static readonly Assembly Driver = typeof(NpgsqlConnection).Assembly;

    /// <summary>
    /// Whether the driver threw the exception itself or called the framework's method that did: the frame nearest to the throw that is not
    /// the framework's is one of the driver's.
    /// </summary>
    public static bool IsInDriver(Exception exception)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod()?.Module.Assembly is { } assembly && !IsFramework(assembly))
                return assembly == Driver;
        }

        return false;
    }

    /// <summary>Whether the driver was reading what the server had sent.</summary>
    public static bool IsInReading(Exception exception)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is { IsConstructor: false, DeclaringType: { } type } method && type.Assembly == Driver
                && IsReader(type, method.Name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The driver's readers of messages and rows; the compiler names an asynchronous method's type after the method.</summary>
    private static bool IsReader(Type type, string method)
    {
        var name = type.FullName!;
        return name.StartsWith("Npgsql.BackendMessages.", StringComparison.Ordinal)
            || name.StartsWith("Npgsql.Internal.NpgsqlReadBuffer", StringComparison.Ordinal)
            || name.StartsWith("Npgsql.NpgsqlDataReader", StringComparison.Ordinal)
            || name.Contains("ReadMessage", StringComparison.Ordinal)
            || method is "ReadMessage" or "ParseServerMessage" or "ParseResultSetMessage";
    }

    private static bool IsFramework(Assembly assembly) =>
        assembly.GetName().Name?.StartsWith("System.", StringComparison.Ordinal) == true;
}
