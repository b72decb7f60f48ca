namespace Data.Cache;

/// <summary>Redis is not available and the outage mode is <see cref="OutageMode.Strict"/>.</summary>
/// <remarks>
/// The message never contains an address or a secret; <see cref="Exception.InnerException"/> is the client's exception where there is one.
/// </remarks>
public sealed class CacheUnavailableException : DataCacheException
{
    /// <summary>Initializes the exception with the default message.</summary>
    public CacheUnavailableException()
        : base("Redis is not available.")
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">What could not be done.</param>
    public CacheUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and its cause.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">The client's exception.</param>
    public CacheUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
