namespace Data.Vector;

/// <summary>There is no room for a write: the disk is full. Nothing of the write is kept, and reads go on.</summary>
public sealed class VectorStoreFullException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorStoreFullException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreFullException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
