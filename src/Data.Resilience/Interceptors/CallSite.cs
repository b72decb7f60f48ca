using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Data.Resilience.Sessions;

namespace Data.Resilience.Interceptors;

/// <summary>
/// The application's code that caused a command: the innermost frame outside of the libraries below it, and the one that called it, so that
/// the callers of one helper are told apart.
/// </summary>
/// <remarks>
/// An async method that goes on after an await is on the stack as its state machine. Where a library goes on by itself (the second query of
/// a page with total, a split query) no frame of the application is left; the site of the command before it stands in, so that different
/// places are not taken for one.
/// </remarks>
internal readonly record struct CallSite(MethodBase? Method, int Offset, MethodBase? Caller, int CallerOffset)
{
    private static readonly string[] LibraryPrefixes =
    [
        "System.", "Microsoft.EntityFrameworkCore.", "Microsoft.Extensions.", "Microsoft.AspNetCore.", "Npgsql.", "Polly.", "Dapper.",
        "Castle.",
    ];

    /// <summary>Whether this package itself sent the command over the bare connection.</summary>
    public bool IsOfPackage { get; private init; }

    /// <summary>The statement, where the stack was not looked at.</summary>
    public Statement? Unseen { get; private init; }

    /// <summary>Whether the command followed from the one before, without a frame of the application.</summary>
    public bool IsContinuation { get; private init; }

    /// <summary>Returns what stands for the site of a command whose stack is not looked at.</summary>
    public static CallSite Of(Statement statement) => new() { Unseen = statement };

    /// <summary>Returns the same place without the code that called it.</summary>
    public CallSite WithoutCaller() => this with { Caller = null, CallerOffset = 0 };

    /// <summary>Walks the stack; costs some 10 µs, so callers do it only when they already suspect something.</summary>
    /// <param name="previous">The site of the command before.</param>
    /// <param name="isBare">Whether the command is one of the bare connection, which the package uses too.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static CallSite Capture(CallSite previous, bool isBare)
    {
        var site = default(CallSite);
        foreach (var frame in new StackTrace(1, fNeedFileInfo: false).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || IsObserver(type))
                continue;
            // The loop that is looked for lies within the session's delegate.
            if (IsSession(type))
                break;
            if (isBare && site.Method is null && type.Assembly == typeof(CallSite).Assembly)
                return new CallSite { IsOfPackage = true };
            if (!IsApplication(type) || IsStart(method))
                continue;
            if (site.Method is not null)
                return site with { Caller = method, CallerOffset = frame.GetILOffset() };
            site = new CallSite(method, frame.GetILOffset(), Caller: null, CallerOffset: 0);
        }

        return site.Method is null ? previous with { IsContinuation = true } : site;
    }

    /// <summary>The site with file and line where symbols allow; only for a report, as symbols are slow to read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Describe()
    {
        foreach (var frame in new StackTrace(1, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method)
                continue;
            if (IsSession(type))
                break;
            if (!IsApplication(type))
                continue;
            var line = frame.GetFileLineNumber();
            return line > 0 ? $"{NameOf(method)} ({Path.GetFileName(frame.GetFileName())}:{line})" : NameOf(method);
        }

        return "an unknown call site (the command ran after an asynchronous continuation)";
    }

    /// <summary>Whether a method only starts its state machine, whose frame stands below it.</summary>
    private static bool IsStart(MethodBase method) => method.IsDefined(typeof(StateMachineAttribute), inherit: false);

    private static bool IsSession(Type type) => (type.DeclaringType ?? type) == typeof(AttemptRunner);

    private static bool IsObserver(Type type) => (type.DeclaringType ?? type).Namespace == typeof(CallSite).Namespace;

    private static bool IsApplication(Type type)
    {
        if (type.FullName is not { } name || type.Assembly == typeof(CallSite).Assembly)
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
