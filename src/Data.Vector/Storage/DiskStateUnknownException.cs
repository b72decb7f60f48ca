namespace Data.Vector.Storage;

/// <summary>
/// A flush failed, or the repair of a failed write did: what the disk holds is unknown, and flushing again does not tell, because the
/// system reports a page that it could not write once and may drop it.
/// </summary>
internal sealed class DiskStateUnknownException(string message, Exception? innerException = null) : IOException(message, innerException);
