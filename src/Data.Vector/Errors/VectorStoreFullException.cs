namespace Data.Vector;

/// <summary>The disk is full. Nothing of the write is kept; reads continue to work.</summary>
public sealed class VectorStoreFullException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreFullException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
