namespace Data.Vector;

/// <summary>A file of the store is damaged, or of a format that this version does not read. Nothing of it is served.</summary>
public sealed class VectorStoreCorruptException : DataVectorException
{
    /// <summary>Makes one without a message.</summary>
    public VectorStoreCorruptException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What happened.</param>
    public VectorStoreCorruptException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public VectorStoreCorruptException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one that names the place.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="offset">Where in the file the damage was found, in bytes from its start.</param>
    /// <param name="what">What is wrong there.</param>
    public VectorStoreCorruptException(string file, long offset, string what)
        : base($"{file} is damaged at byte {offset}: {what}")
    {
        File = file;
        Offset = offset;
    }

    /// <summary>The file's name; null when unknown.</summary>
    public string? File { get; }

    /// <summary>Where in the file the damage was found, in bytes from its start.</summary>
    public long Offset { get; }
}
