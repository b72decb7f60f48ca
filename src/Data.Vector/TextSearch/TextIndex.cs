using Data.Vector.KeyIndexes;

namespace Data.Vector.TextSearch;

/// <summary>The inverted index over the words of a collection's texts.</summary>
/// <remarks>
/// Safe for concurrent use. A document is the text of one record in one slot; it is never changed. Searches take no lock, and ask the
/// collection whether the record is the one that their version has. See design.md.
/// </remarks>
internal sealed class TextIndex : IKeyIndex
{
    // A segment of this size or less is not worth a merge because its documents were removed.
    private const int MinDeadShare = 64;

    private readonly ITextAnalyzer _analyzer;
    private readonly Action<Exception> _failed;
    private readonly int _limit;
    private readonly Lock _gate = new();
    private readonly SlotDocuments _documents = new();
    private readonly SegmentTable _segments;
    private readonly List<int> _found = [];
    private HashSet<int>? _changed;
    private readonly Action<int> _countSegment;
    private int _count;
    private long _length;
    private Task _merging = Task.CompletedTask;

    /// <summary>Creates an empty index.</summary>
    /// <param name="analyzer">Takes texts apart.</param>
    /// <param name="failed">Is told when the analyzer fails; the text is then indexed without terms.</param>
    /// <param name="limit">The highest number of documents in a segment.</param>
    public TextIndex(ITextAnalyzer analyzer, Action<Exception> failed, int limit = TextSegment.MaxDocuments)
    {
        _limit = limit;
        _segments = new SegmentTable(limit);
        _analyzer = analyzer;
        _failed = failed;
        _countSegment = term => Vocabulary.CountSegments(term, 1);
    }

    public ITextAnalyzer Analyzer => _analyzer;

    /// <summary>Documents with at least one term.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The terms of all documents, repeated ones included.</summary>
    public long Length => Interlocked.Read(ref _length);

    public Vocabulary Vocabulary { get; } = new();

    /// <summary>The segments as of now; a search reads no others.</summary>
    public TextSegment[] Segments => _segments.All;

    /// <summary>The merge of segments that runs, or the last one.</summary>
    internal Task Merging => Volatile.Read(ref _merging);

    /// <summary>The memory of the index, an estimate.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return Vocabulary.Bytes + _documents.Bytes + _segments.All.Sum(static segment => segment.Bytes);
        }
    }

    /// <inheritdoc/>
    public void Update(int slot, RecordTable records)
    {
        Note(slot);
        var cell = records.Cell(slot);
        while (RecordVersion.Next(ref cell) is { } record)
        {
            if (!string.IsNullOrEmpty(record.Document))
                Add(slot, record, record.Document, records);
        }
    }

    /// <inheritdoc/>
    public void Remove(int slot, VectorMetadata gone, RecordTable records)
    {
        Note(slot);
        while (TryRemove(slot, records) is { } record)
        {
            var text = Analyze(record.Document!);
            lock (_gate)
                CountTerms(text, -1);

            text.Return();
        }
    }

    /// <summary>Runs an action during which the numbers of terms stay what they are.</summary>
    public void WithTerms(Action<Vocabulary> action)
    {
        lock (_gate)
            Vocabulary.Hold();

        try
        {
            action(Vocabulary);
        }
        finally
        {
            lock (_gate)
                Vocabulary.Release();
        }
    }

    /// <summary>Returns the number of a term, which is added when it is new. The caller keeps the numbers as they are.</summary>
    public int Number(string term)
    {
        lock (_gate)
            return Vocabulary.FindOrAdd(term);
    }

    /// <summary>
    /// Takes note of the slots that change from here on, until <see cref="EndAttach"/>. Call it before writers know the index.
    /// </summary>
    public void BeginAttach() => _changed = [];

    public void EndAttach()
    {
        lock (_gate)
            _changed = null;
    }

    /// <summary>Adds the documents of a snapshot whose slots have not changed since.</summary>
    /// <param name="segment">The documents without their records, in the numbers of this vocabulary.</param>
    /// <param name="records">The records as they are now.</param>
    public void Attach(SealedSegment segment, RecordTable records)
    {
        lock (_gate)
        {
            var number = _segments.Add(segment);
            Array.ForEach(segment.Terms(), _countSegment);
            for (var document = 0; document < segment.Count; document++)
            {
                var slot = segment.Slots[document];
                if (_changed!.Contains(slot) || Oldest(records, slot) is not { } record)
                {
                    segment.Remove(document);
                    continue;
                }

                segment.Records[document] = record;
                _documents.Add(slot, SegmentTable.Document(number, document));
                _count++;
                _length += segment.Lengths[document];
            }

            CountDocuments(segment);
            ConsiderMerge();
        }
    }

    /// <summary>
    /// Returns the record that the snapshot has in a slot. A write that has put another before it is about to take note of the slot.
    /// </summary>
    private static VectorRecord? Oldest(RecordTable records, int slot)
    {
        VectorRecord? oldest = null;
        var cell = records.Cell(slot);
        while (RecordVersion.Next(ref cell) is { } record)
            oldest = record;

        return oldest;
    }

    private static bool IsIn(RecordTable records, int slot, VectorRecord record)
    {
        var cell = records.Cell(slot);
        while (RecordVersion.Next(ref cell) is { } current)
        {
            if (ReferenceEquals(current, record))
                return true;
        }

        return false;
    }

    private void Add(int slot, VectorRecord record, string document, RecordTable records)
    {
        lock (_gate)
        {
            if (IsIndexed(slot, record))
                return;
        }

        // Long texts take long; others go on meanwhile.
        var text = Analyze(document);
        if (text.Length > 0)
        {
            lock (_gate)
            {
                // Whoever takes the record away does so first, and then removes it here.
                if (IsIn(records, slot, record) && !IsIndexed(slot, record))
                    Add(slot, record, text);
            }
        }

        text.Return();
    }

    private void Note(int slot)
    {
        if (Volatile.Read(ref _changed) is null)
            return;

        lock (_gate)
            _changed?.Add(slot);
    }

    private AnalyzedText Analyze(string document)
    {
        var text = AnalyzedText.Rent();
        try
        {
            text.Read(_analyzer, document);
        }
        catch (Exception exception)
        {
            // The journal has the record, and its write must not stop half-way.
            text.Clear();
            _failed(exception);
        }

        return text;
    }

    private void Add(int slot, VectorRecord record, AnalyzedText text)
    {
        text.Resolve(Vocabulary, add: true);
        if (_segments.Open.Count == _limit)
        {
            _segments.Renew();
            ConsiderMerge();
        }

        var document = _segments.Open.Add(slot, record, text.Terms, text.Length, _countSegment);
        _documents.Add(slot, SegmentTable.Document(_segments.OpenNumber, document));
        CountTerms(text, 1);
    }

    /// <summary>Removes one document of a slot whose record is no longer there; returns the record.</summary>
    private VectorRecord? TryRemove(int slot, RecordTable records)
    {
        lock (_gate)
        {
            _found.Clear();
            _documents.Collect(slot, _found);
            foreach (var number in _found)
            {
                var segment = _segments.Find(number, out var document);
                if (IsIn(records, slot, segment.Records[document]!))
                    continue;

                _documents.Remove(slot, number);
                var record = segment.Remove(document);
                var open = _segments.Open;
                if (segment == open && open.Dead > _limit / MinDeadShare && open.Dead > _count)
                    _segments.Renew();

                ConsiderMerge();
                return record;
            }

            return null;
        }
    }

    private bool IsIndexed(int slot, VectorRecord record)
    {
        _found.Clear();
        _documents.Collect(slot, _found);
        foreach (var number in _found)
        {
            if (ReferenceEquals(_segments.Find(number, out var document).Records[document], record))
                return true;
        }

        return false;
    }

    private void CountTerms(AnalyzedText text, int documents)
    {
        if (documents < 0)
            text.Resolve(Vocabulary, add: false);

        _count += documents;
        _length += documents * (long)text.Length;
        foreach (var (term, _) in text.Terms)
            Vocabulary.Count(term, documents);
    }

    private void CountDocuments(SealedSegment segment)
    {
        foreach (var term in segment.Terms())
        {
            segment.TryGetPostings(term, segment.Count, out var postings);
            var live = postings.Documents.Length;
            if (segment.Dead > 0)
            {
                live = 0;
                foreach (var document in postings.Documents)
                    live += segment.Records[document] is null ? 0 : 1;
            }

            Vocabulary.Count(term, live);
        }
    }

    private void ConsiderMerge()
    {
        if (_merging.IsCompleted && _segments.NextToMerge() is { Length: > 0 } sources)
            _merging = Task.Run(() => Merge(sources));
    }

    private void Merge(TextSegment[] sources)
    {
        var merge = new SegmentMerge(sources, static (_, _) => true);
        var merged = merge.Run();
        lock (_gate)
        {
            var number = _segments.Replace(sources, merged, out var numbers);
            for (var i = 0; i < sources.Length; i++)
            {
                for (var document = 0; document < sources[i].Count; document++)
                {
                    var place = merge.Place(i, document);
                    if (place < 0)
                        continue;

                    if (sources[i].Records[document] is null)
                    {
                        // Removed since it was copied.
                        merged.Remove(place);
                        continue;
                    }

                    _documents.Replace(
                        merged.Slots[place], SegmentTable.Document(numbers[i], document), SegmentTable.Document(number, place));
                }
            }

            Array.ForEach(merged.Terms(), _countSegment);
            foreach (var source in sources)
            {
                foreach (var term in source.Terms())
                    Vocabulary.CountSegments(term, -1);
            }

            _merging = Task.CompletedTask;
            ConsiderMerge();
        }
    }
}
