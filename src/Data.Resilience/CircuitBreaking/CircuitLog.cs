using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Data.Resilience.CircuitBreaking;

/// <summary>Log messages 1100 to 1119.</summary>
internal static partial class CircuitLog
{
    [LoggerMessage(EventId = 1100, Message = "Circuit of {Node} is now {State}.")]
    public static partial void Changed(ILogger logger, LogLevel level, string node, CircuitState state);

    [LoggerMessage(1101, LogLevel.Error, "A handler of the circuit's state change failed.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);
}
