using Data.Vector.Errors;

namespace Data.Vector;

/// <summary>Updated records do not exist; nothing was written.</summary>
public sealed class VectorRecordNotFoundException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorRecordNotFoundException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorRecordNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorRecordNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception that names the ids.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="ids">The ids that are unknown.</param>
    public VectorRecordNotFoundException(string collection, IReadOnlyList<string> ids)
        : base(IdList.Describe($"Collection '{collection}' does not hold", ids, "; use UpsertAsync to write either way"))
    {
        Ids = ids;
    }

    /// <summary>The ids that are unknown.</summary>
    public IReadOnlyList<string> Ids { get; } = [];
}
