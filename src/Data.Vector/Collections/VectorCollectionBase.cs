namespace Data.Vector.Collections;

/// <summary>
/// What every collection does the same way, whatever holds it: input is refused before anything is written, texts become vectors,
/// thresholds and re-ranking are applied. Stores carry out the rest on input that is known to be sound.
/// </summary>
internal abstract partial class VectorCollectionBase(string name, VectorCollectionOptions options, Embedder? embedder) : IVectorCollection
{
    public string Name { get; } = name;

    public VectorCollectionOptions Options { get; protected set; } = options;

    protected Embedder? Embedder { get; } = embedder;

    public async Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        var sound = await SoundAsync(records, cancellationToken).ConfigureAwait(false);
        if (sound.Length > 0)
            await AddCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        var sound = await SoundAsync(records, cancellationToken).ConfigureAwait(false);
        if (sound.Length > 0)
            await UpsertCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        InputGuard.DistinctIds(updates, static update => update.Id);
        var sound = new VectorRecordUpdate[updates.Count];
        var texts = new List<(int Position, string Text)>();
        for (var i = 0; i < sound.Length; i++)
        {
            var update = updates[i];
            InputGuard.Document(update.Document, update.Id, i);
            if (update.Vector.IsEmpty && !string.IsNullOrEmpty(update.Document) && Embedder is not null)
                texts.Add((i, update.Document));
            else if (!update.Vector.IsEmpty)
                Vector(update.Vector.Span, update.Id, i);

            sound[i] = new VectorRecordUpdate(update.Id)
            {
                Vector = update.Vector,
                Document = update.Document,
                Metadata = update.Metadata is null ? null : InputGuard.Metadata(update.Metadata, update.Id, i),
            };
        }

        foreach (var (i, vector) in await EmbedAsync(texts, cancellationToken).ConfigureAwait(false))
        {
            Vector(vector.Span, sound[i].Id, i);
            sound[i] = new VectorRecordUpdate(sound[i].Id) { Vector = vector, Document = sound[i].Document, Metadata = sound[i].Metadata };
        }

        if (sound.Length > 0)
            await UpdateCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default)
    {
        Ids(ids);
        return ids.Count == 0 ? Task.FromResult(0) : DeleteCoreAsync(ids.Distinct(StringComparer.Ordinal).ToArray(), cancellationToken);
    }

    public Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return DeleteCoreAsync(filter, cancellationToken);
    }

    public Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids,
        bool includeVectors = true,
        CancellationToken cancellationToken = default)
    {
        Ids(ids);
        return ids.Count == 0 ? Task.FromResult<IReadOnlyList<VectorRecord>>([]) : GetCoreAsync(ids, includeVectors, cancellationToken);
    }

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        CountCoreAsync(filter, cancellationToken);

    public IAsyncEnumerable<VectorRecord> StreamAsync(VectorStreamOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamCoreAsync(options ?? new VectorStreamOptions(), cancellationToken);

    protected abstract Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken);

    protected abstract Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken);

    protected abstract Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken);

    protected abstract Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken);

    protected abstract Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken);

    protected abstract Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken);

    protected abstract Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken);

    protected abstract IAsyncEnumerable<VectorRecord> StreamCoreAsync(VectorStreamOptions options, CancellationToken cancellationToken);

    private static void Ids(IReadOnlyList<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        for (var i = 0; i < ids.Count; i++)
            InputGuard.Id(ids[i], i);
    }

    /// <summary>Copies of the records with their vectors and with metadata that nobody can change.</summary>
    private async ValueTask<VectorRecord[]> SoundAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        InputGuard.DistinctIds(records, static record => record.Id);
        var sound = new VectorRecord[records.Count];
        var texts = new List<(int Position, string Text)>();
        for (var i = 0; i < sound.Length; i++)
        {
            var record = records[i];
            InputGuard.Document(record.Document, record.Id, i);
            if (record.Vector.IsEmpty && Embedder is not null && !string.IsNullOrEmpty(record.Document))
                texts.Add((i, record.Document));
            else
                Vector(record.Vector.Span, record.Id, i);

            sound[i] = new VectorRecord(record.Id, record.Vector)
            {
                Document = record.Document,
                Metadata = record.Metadata is null ? VectorMetadata.Empty : InputGuard.Metadata(record.Metadata, record.Id, i),
            };
        }

        foreach (var (i, vector) in await EmbedAsync(texts, cancellationToken).ConfigureAwait(false))
        {
            Vector(vector.Span, sound[i].Id, i);
            sound[i] = new VectorRecord(sound[i].Id, vector) { Document = sound[i].Document, Metadata = sound[i].Metadata };
        }

        return sound;
    }

    private void Vector(ReadOnlySpan<float> vector, string id, int position)
    {
        if (VectorGuard.Refusal(vector, Options.Dimensions, Options.Metric) is { } reason)
        {
            var hint = vector.IsEmpty && Embedder is null ? "; give one, or configure an embedding generator and give a text" : "";
            throw new VectorInputException($"The vector of '{id}' at position {position} {reason}{hint}.", id, position);
        }
    }

    private async ValueTask<IEnumerable<(int Position, ReadOnlyMemory<float> Vector)>> EmbedAsync(
        List<(int Position, string Text)> texts,
        CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
            return [];

        var vectors = await Embedder!.EmbedAsync([.. texts.Select(static item => item.Text)], Options.Dimensions, cancellationToken)
            .ConfigureAwait(false);
        return texts.Select((item, i) => (item.Position, vectors[i]));
    }
}
