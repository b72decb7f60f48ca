namespace Data.Cache;

/// <summary>Base of the exceptions of this package that callers handle.</summary>
/// <remarks>Its message never contains an address or a secret.</remarks>
public abstract class DataCacheException : Exception
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">The cause, or null.</param>
    protected DataCacheException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
