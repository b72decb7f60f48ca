using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Data.Resilience.Interceptors;

/// <summary>The application's code that caused a command: the innermost frame outside of the libraries below it.</summary>
internal readonly record struct CallSite(MethodBase? Method, int Offset)
{
    private static readonly string[] LibraryPrefixes =
        ["System.", "Microsoft.EntityFrameworkCore.", "Microsoft.Extensions.", "Npgsql.", "Polly."];

    /// <summary>Walks the stack; costs some 10 µs, so callers do it only when they already suspect something.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static CallSite Capture()
    {
        foreach (var frame in new StackTrace(1, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is { } method && IsApplication(method))
                return new CallSite(method, frame.GetILOffset());
        }

        return default;
    }

    /// <summary>The site with file and line where symbols allow; only for a report, as symbols are slow to read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Describe()
    {
        foreach (var frame in new StackTrace(1, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method || !IsApplication(method))
                continue;
            var line = frame.GetFileLineNumber();
            return line > 0 ? $"{NameOf(method)} ({Path.GetFileName(frame.GetFileName())}:{line})" : NameOf(method);
        }

        return "an unknown call site (the command ran after an asynchronous continuation)";
    }

    private static bool IsApplication(MethodBase method)
    {
        var type = method.DeclaringType;
        var name = type?.FullName;
        if (type is null || name is null || type.Assembly == typeof(CallSite).Assembly)
            return false;
        foreach (var prefix in LibraryPrefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    private static string NameOf(MethodBase method)
    {
        // An async method runs as MoveNext of the nested type <Method>d__7; a lambda as <Method>b__0 of <>c.
        var type = method.DeclaringType!;
        var owner = type;
        while (owner.IsNested && owner.Name.StartsWith('<'))
            owner = owner.DeclaringType!;
        var compiled = string.Equals(method.Name, "MoveNext", StringComparison.Ordinal) ? type.Name : method.Name;
        var close = compiled.IndexOf('>', StringComparison.Ordinal);
        var name = compiled.StartsWith('<') && close > 1 ? compiled[1..close].TrimStart('<') : method.Name;
        return $"{owner.FullName}.{name}";
    }
}
