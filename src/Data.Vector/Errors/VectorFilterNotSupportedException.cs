namespace Data.Vector;

/// <summary>
/// The store cannot carry out a filter, and will not answer as if it could; the message names the part and a way round it.
/// </summary>
public sealed class VectorFilterNotSupportedException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorFilterNotSupportedException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorFilterNotSupportedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorFilterNotSupportedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
