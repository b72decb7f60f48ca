namespace Data.Vector;

/// <summary>Another process has the store's folder open.</summary>
public sealed class VectorStoreLockedException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreLockedException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreLockedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreLockedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
