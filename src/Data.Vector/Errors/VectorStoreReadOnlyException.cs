namespace Data.Vector;

/// <summary>The store refuses writes after a failure of its disk; reads go on. Open it again once the disk is sound.</summary>
public sealed class VectorStoreReadOnlyException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorStoreReadOnlyException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreReadOnlyException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreReadOnlyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
