using System.Runtime.InteropServices;
using Data.Vector.KeyIndexes;
using Data.Vector.Storage;

namespace Data.Vector.TextSearch;

/// <summary>Writes a text index to a snapshot, and reads it again.</summary>
/// <remarks>
/// Two sections. <c>text.segments</c> has the segments one after the other: four numbers (documents, terms, postings, zero), and the arrays
/// of <see cref="SealedSegment"/> and <see cref="SegmentPostings"/>. <c>text.terms</c> has the version of the format, the name of the
/// analyzer, the number of segments, and the terms with their numbers. Everything follows from the texts of the records: what cannot be
/// read is rebuilt.
/// </remarks>
internal static class TextSnapshot
{
    private const string Segments = "text.segments", Terms = "text.terms";
    private const int Version = 1;

    public static bool IsIn(SnapshotReader reader) => reader.Has(Terms) && reader.Has(Segments);

    /// <summary>Writes the documents of the records that a snapshot has.</summary>
    /// <param name="writer">The snapshot.</param>
    /// <param name="index">The index. It may have changed since the records were captured.</param>
    /// <param name="cells">The records by slot, as the snapshot has them.</param>
    public static void Write(SnapshotWriter writer, TextIndex index, object?[] cells) => index.WithTerms(vocabulary =>
    {
        var used = new SortedSet<int>();
        var groups = Groups(index.Segments);
        writer.Section(Segments, section =>
        {
            foreach (var group in groups)
            {
                var merged = new SegmentMerge(group, (slot, record) => IsCurrent(cells, slot, record)).Run();
                used.UnionWith(merged.Terms());
                Write(section, merged);
            }
        });
        writer.Section(Terms, section =>
        {
            var content = new ByteWriter(1 << 16);
            content.Count(Version);
            content.Text(index.Analyzer.Name);
            content.Count(groups.Count);
            content.Count(used.Count);
            foreach (var number in used)
            {
                content.Count(number);
                content.Text(vocabulary.Text(number)!);
            }

            section.Append(content.Written.Span);
        });
    });

    /// <summary>Adds the documents of a snapshot to an index.</summary>
    /// <param name="reader">The snapshot.</param>
    /// <param name="index">The index, which writers keep up to date already.</param>
    /// <param name="records">The records as they are now.</param>
    /// <param name="cancellationToken">Ends the reading between two segments.</param>
    /// <returns>False when another version or another analyzer wrote it; then nothing was added.</returns>
    /// <exception cref="InvalidDataException">The snapshot is damaged.</exception>
    public static bool Read(
        SnapshotReader reader, TextIndex index, RecordTable records, CancellationToken cancellationToken)
    {
        var terms = new ByteReader(reader.Read(Terms));
        if (terms.Count() != Version || terms.Text() != index.Analyzer.Name)
            return false;

        var segments = terms.Count();
        var saved = new (int Number, string Text)[terms.Count()];
        foreach (ref var term in saved.AsSpan())
            term = (terms.Count(), terms.Text());

        index.WithTerms(_ =>
        {
            var numbers = new int[saved.Length == 0 ? 0 : saved[^1].Number + 1];
            foreach (var (number, text) in saved)
                numbers[number] = index.Number(text);

            var content = reader.Read(Segments).AsSpan();
            for (var i = 0; i < segments; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                index.Attach(Read(ref content, numbers), records);
            }
        });
        return true;
    }

    private static bool IsCurrent(object?[] cells, int slot, VectorRecord record)
    {
        if (slot >= cells.Length)
            return false;

        var cell = cells[slot];
        return ReferenceEquals(RecordVersion.Next(ref cell), record);
    }

    /// <summary>Returns the segments in groups, each of which fits into one.</summary>
    private static List<TextSegment[]> Groups(TextSegment[] segments)
    {
        var groups = new List<TextSegment[]>();
        var group = new List<TextSegment>();
        var documents = 0;
        foreach (var segment in segments)
        {
            // The open one may grow until it is read, by documents that the snapshot does not have.
            if (documents + segment.Live > TextSegment.MaxDocuments)
            {
                groups.Add([.. group]);
                group.Clear();
                documents = 0;
            }

            group.Add(segment);
            documents += segment.Live;
        }

        groups.Add([.. group]);
        return groups;
    }

    private static void Write(SnapshotWriter section, SealedSegment segment)
    {
        var postings = segment.Postings;
        Append(section, [segment.Count, postings.Terms.Length, postings.Documents.Length, 0]);
        Append(section, segment.Slots);
        Append(section, segment.Lengths);
        Append<int>(section, postings.Terms);
        Append<int>(section, postings.Starts);
        Append<int>(section, postings.MinLengths);
        Append<byte>(section, postings.MaxFrequencies);
        Append<ushort>(section, postings.Documents);
        Append<byte>(section, postings.Frequencies);
    }

    private static void Append<T>(SnapshotWriter section, ReadOnlySpan<T> values)
        where T : unmanaged => section.Append(MemoryMarshal.AsBytes(values));

    private static SealedSegment Read(ref Span<byte> content, int[] numbers)
    {
        var sizes = Take<int>(ref content, 4);
        var (documents, terms, count) = (sizes[0], sizes[1], sizes[2]);
        var slots = Take<int>(ref content, documents);
        var lengths = Take<int>(ref content, documents);
        var saved = Take<int>(ref content, terms);
        var starts = Take<int>(ref content, terms + 1);
        var minLengths = Take<int>(ref content, terms);
        var postings = new SegmentPostings(
            Array.ConvertAll(saved, number => numbers[number]),
            starts,
            Take<byte>(ref content, terms),
            minLengths,
            Take<ushort>(ref content, count),
            Take<byte>(ref content, count));
        return new SealedSegment(slots, lengths, new VectorRecord?[documents], postings.Ordered());
    }

    private static T[] Take<T>(ref Span<byte> content, int count)
        where T : unmanaged
    {
        var bytes = checked(count * Marshal.SizeOf<T>());
        if (count < 0 || bytes > content.Length)
            throw new InvalidDataException($"The section '{Segments}' ends before its segments do.");

        var values = MemoryMarshal.Cast<byte, T>(content[..bytes]).ToArray();
        content = content[bytes..];
        return values;
    }
}
