namespace Data.Vector;

/// <summary>A collection exists, but with other dimensions, another metric or another index than requested.</summary>
public sealed class VectorCollectionMismatchException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorCollectionMismatchException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorCollectionMismatchException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorCollectionMismatchException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
