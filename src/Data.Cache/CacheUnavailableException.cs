namespace Data.Cache;

/// <summary>Redis is away and the cache was told to let that surface.</summary>
/// <remarks>
/// The message never holds an address or a secret; <see cref="Exception.InnerException"/> is the client's error where there is one.
/// </remarks>
public sealed class CacheUnavailableException : Exception
{
    /// <summary>Makes an exception with the default message.</summary>
    public CacheUnavailableException()
        : base("Redis is away.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What could not be done.</param>
    public CacheUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">What could not be done.</param>
    /// <param name="innerException">The client's error.</param>
    public CacheUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
