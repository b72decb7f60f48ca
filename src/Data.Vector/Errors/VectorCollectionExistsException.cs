namespace Data.Vector;

/// <summary>A collection was to be made under a name that is taken.</summary>
public sealed class VectorCollectionExistsException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorCollectionExistsException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorCollectionExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorCollectionExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
