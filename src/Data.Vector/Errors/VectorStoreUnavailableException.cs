namespace Data.Vector;

/// <summary>The store could not be reached or did not answer in time; whether a write was done is unknown.</summary>
public sealed class VectorStoreUnavailableException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreUnavailableException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The server turned the request away before it did anything, so that a write may be repeated.</summary>
    internal bool NothingDone { get; set; }

    /// <summary>How long the server asks to be left alone.</summary>
    internal TimeSpan? RetryAfter { get; set; }
}
