namespace Data.Vector;

/// <summary>
/// The store cannot evaluate a filter; the message names the unsupported part and an alternative.
/// </summary>
public sealed class VectorFilterNotSupportedException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorFilterNotSupportedException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorFilterNotSupportedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorFilterNotSupportedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
