namespace Data.Vector;

/// <summary>A server rejected a request or sent an unexpected response.</summary>
public sealed class VectorStoreProtocolException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreProtocolException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreProtocolException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception with the server's response.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="statusCode">The HTTP status code.</param>
    /// <param name="error">The server's name for the error; null when it gave none.</param>
    public VectorStoreProtocolException(string message, int statusCode, string? error)
        : base(message)
    {
        StatusCode = statusCode;
        Error = error;
    }

    internal VectorStoreProtocolException(string message, string? error, Exception? innerException)
        : base(message, innerException) => Error = error;

    /// <summary>The HTTP status code; 0 when there was no response.</summary>
    public int StatusCode { get; }

    /// <summary>The server's name for the error, PostgreSQL's SQLSTATE; null when it gave none.</summary>
    public string? Error { get; }
}
