namespace Data.Vector;

/// <summary>A server refused a request or answered something unexpected.</summary>
public sealed class VectorStoreProtocolException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorStoreProtocolException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreProtocolException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one that carries the server's answer.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="statusCode">The HTTP status code.</param>
    /// <param name="error">The server's name for the error; null when it gave none.</param>
    public VectorStoreProtocolException(string message, int statusCode, string? error)
        : base(message)
    {
        StatusCode = statusCode;
        Error = error;
    }

    /// <summary>The HTTP status code; 0 when there was no answer to read.</summary>
    public int StatusCode { get; }

    /// <summary>The server's name for the error; null when it gave none.</summary>
    public string? Error { get; }
}
