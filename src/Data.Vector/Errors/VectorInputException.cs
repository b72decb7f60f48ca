namespace Data.Vector;

/// <summary>Input is malformed; nothing was written.</summary>
public sealed class VectorInputException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorInputException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorInputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorInputException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception that names the record.</summary>
    /// <param name="message">What is wrong, and what is expected.</param>
    /// <param name="recordId">The record's id; null when it has none.</param>
    /// <param name="position">The record's position in the call, from 0; null when the input is not a list.</param>
    public VectorInputException(string message, string? recordId, int? position)
        : base(message)
    {
        RecordId = recordId;
        Position = position;
    }

    /// <summary>The id of the malformed record; null when there is none.</summary>
    public string? RecordId { get; }

    /// <summary>The position of the malformed item in the call, from 0; null when the input is not a list.</summary>
    public int? Position { get; }
}
