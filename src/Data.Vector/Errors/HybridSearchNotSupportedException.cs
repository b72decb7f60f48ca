namespace Data.Vector;

/// <summary>The collection has no hybrid search; the message names the store and an alternative.</summary>
public sealed class HybridSearchNotSupportedException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public HybridSearchNotSupportedException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public HybridSearchNotSupportedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public HybridSearchNotSupportedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
