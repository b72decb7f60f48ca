namespace Data.Vector;

/// <summary>A collection was asked for that does not exist.</summary>
public sealed class VectorCollectionNotFoundException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorCollectionNotFoundException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorCollectionNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorCollectionNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
