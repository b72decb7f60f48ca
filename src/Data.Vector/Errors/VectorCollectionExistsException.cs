namespace Data.Vector;

/// <summary>A collection of the requested name already exists.</summary>
public sealed class VectorCollectionExistsException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorCollectionExistsException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorCollectionExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorCollectionExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
