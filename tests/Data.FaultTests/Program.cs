using Data.FaultTests.Cache;
using Data.FaultTests.Resilience.Outbox;
using Data.FaultTests.Vector;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Data.FaultTests;

/// <summary>Runs the tests; or, in a process that a test starts in order to kill it, what that test wants done.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (args is [VectorChild.Argument, .. var rest])
            return VectorChild.RunAsync(rest);
        if (args is [OutboxChild.Argument, .. var outbox])
            return OutboxChild.RunAsync(outbox);
        if (args is [HistoryChild.Argument, .. var history])
            return HistoryChild.RunAsync(history);

        return args.Any(static arg => arg is "--server" or "--internal-msbuild-node")
            ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : ConsoleRunner.Run(args);
    }
}
