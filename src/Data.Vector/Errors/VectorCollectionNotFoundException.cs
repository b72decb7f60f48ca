namespace Data.Vector;

/// <summary>The requested collection does not exist.</summary>
public sealed class VectorCollectionNotFoundException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorCollectionNotFoundException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorCollectionNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorCollectionNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
