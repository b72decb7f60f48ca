namespace PrivateServers;

/// <summary>A server's program is there but did not start; the message ends with the tail of the server's own log.</summary>
public sealed class ServerStartException : Exception
{
    /// <summary>Creates the exception without a reason.</summary>
    public ServerStartException()
        : this("A private server did not start.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What failed and why.</param>
    public ServerStartException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">What failed and why.</param>
    /// <param name="innerException">The cause.</param>
    public ServerStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
