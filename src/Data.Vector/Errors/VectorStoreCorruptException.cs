namespace Data.Vector;

/// <summary>A file of the store is damaged, or its format is unknown to this version. None of its content is returned.</summary>
public sealed class VectorStoreCorruptException : DataVectorException
{
    /// <summary>Creates an exception without a message.</summary>
    public VectorStoreCorruptException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreCorruptException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreCorruptException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception that names the place of the damage.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="offset">The offset of the damage in the file, in bytes.</param>
    /// <param name="what">What is wrong there.</param>
    public VectorStoreCorruptException(string file, long offset, string what)
        : base($"{file} is damaged at byte {offset}: {what}")
    {
        File = file;
        Offset = offset;
    }

    /// <summary>The file's name; null when unknown.</summary>
    public string? File { get; }

    /// <summary>The offset of the damage in the file, in bytes.</summary>
    public long Offset { get; }
}
