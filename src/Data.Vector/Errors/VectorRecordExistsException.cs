using Data.Vector.Errors;

namespace Data.Vector;

/// <summary>The ids of added records already exist; nothing was written.</summary>
public sealed class VectorRecordExistsException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorRecordExistsException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorRecordExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorRecordExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception that names the ids.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="ids">The ids that exist.</param>
    public VectorRecordExistsException(string collection, IReadOnlyList<string> ids)
        : base(IdList.Describe($"Collection '{collection}' holds", ids, "already; use UpsertAsync to replace"))
    {
        Ids = ids;
    }

    /// <summary>The ids that exist.</summary>
    public IReadOnlyList<string> Ids { get; } = [];
}
