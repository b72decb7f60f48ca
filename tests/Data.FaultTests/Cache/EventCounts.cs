using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Data.FaultTests.Cache;

/// <summary>Counts log entries by their event ids.</summary>
internal sealed class EventCounts : ILoggerProvider, ILogger
{
    private readonly ConcurrentDictionary<int, int> _counts = new();

    public int Of(int id) => _counts.GetValueOrDefault(id);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => _counts.AddOrUpdate(eventId.Id, 1, static (_, count) => count + 1);

    public void Dispose()
    {
    }
}
