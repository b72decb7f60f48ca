namespace Data.Vector;

/// <summary>A vector store failed or rejected a call; the derived types say how.</summary>
public class DataVectorException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public DataVectorException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public DataVectorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public DataVectorException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
