namespace PrivateServers;

/// <summary>A server's program is not installed on this machine.</summary>
public sealed class ServerMissingException : Exception
{
    /// <summary>Creates the exception without saying what is missing.</summary>
    public ServerMissingException()
        : this("A server's program is missing. Install it with: eng/install-servers.sh")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What is missing and how to install it.</param>
    public ServerMissingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">What is missing and how to install it.</param>
    /// <param name="innerException">The cause.</param>
    public ServerMissingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal ServerMissingException(string server, string binary, string part, string variable)
        : this($"{server} is not installed: '{binary}' was not found. Install it with: eng/install-servers.sh {part}" +
               $" (or point {variable} at an existing installation).")
    {
        Binary = binary;
    }

    /// <summary>The program that was looked for; empty when unknown.</summary>
    public string Binary { get; } = "";
}
