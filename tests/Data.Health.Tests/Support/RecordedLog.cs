using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Data.Health.Tests.Support;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordedLog : ILogger, ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Entries => [.. _entries];

    public IEnumerable<string> Of(int id) => Entries.Where(e => e.Id == id).Select(e => e.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Id, formatter(state, exception) + exception));

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }
}
