namespace Data.Vector.Storage;

/// <summary>A place in a journal: a segment's number, an offset in its file, and the number of the last entry before it.</summary>
internal readonly record struct JournalPosition(long Segment, long Offset, long Sequence);
