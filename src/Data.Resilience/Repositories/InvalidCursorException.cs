namespace Data.Resilience.Repositories;

/// <summary>Thrown when a cursor was altered, or was made for another list or order. The client's fault: answer with 400.</summary>
public sealed class InvalidCursorException : DataResilienceException
{
    internal InvalidCursorException(string message)
        : base(message)
    {
    }

    internal InvalidCursorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
