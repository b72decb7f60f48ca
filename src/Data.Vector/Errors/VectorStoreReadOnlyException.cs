namespace Data.Vector;

/// <summary>
/// The store rejects writes, and reads continue to work: in process after a disk failure, until the store is reopened when the disk works
/// again; in PostgreSQL on a replica or in a read-only session.
/// </summary>
public sealed class VectorStoreReadOnlyException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreReadOnlyException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreReadOnlyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreReadOnlyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
