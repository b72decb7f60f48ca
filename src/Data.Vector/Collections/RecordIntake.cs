namespace Data.Vector.Collections;

/// <summary>Checks the records and updates of a write before anything is written, and embeds texts that have no vector.</summary>
/// <param name="embedder">Turns texts into vectors; null when the application always brings vectors.</param>
/// <param name="dimensions">The dimensions of the collection.</param>
/// <param name="metric">The metric of the collection.</param>
internal sealed class RecordIntake(Embedder? embedder, int dimensions, DistanceMetric metric)
{
    /// <summary>Returns copies of the records, with their vectors and with metadata that nobody can change.</summary>
    public async ValueTask<VectorRecord[]> SoundAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        InputGuard.DistinctIds(records, static record => record.Id);
        var sound = new VectorRecord[records.Count];
        var texts = new List<(int Position, string Text)>();
        for (var i = 0; i < sound.Length; i++)
        {
            var record = records[i];
            InputGuard.Document(record.Document, record.Id, i);
            if (record.Vector.IsEmpty && embedder is not null && !string.IsNullOrEmpty(record.Document))
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

    /// <inheritdoc cref="SoundAsync(IReadOnlyList{VectorRecord}, CancellationToken)"/>
    public async ValueTask<VectorRecordUpdate[]> SoundAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(updates);
        InputGuard.DistinctIds(updates, static update => update.Id);
        var sound = new VectorRecordUpdate[updates.Count];
        var texts = new List<(int Position, string Text)>();
        for (var i = 0; i < sound.Length; i++)
        {
            var update = updates[i];
            InputGuard.Document(update.Document, update.Id, i);
            if (update.Vector.IsEmpty && !string.IsNullOrEmpty(update.Document) && embedder is not null)
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

        return sound;
    }

    private void Vector(ReadOnlySpan<float> vector, string id, int position)
    {
        if (VectorGuard.Refusal(vector, dimensions, metric) is { } reason)
        {
            var hint = vector.IsEmpty && embedder is null ? "; give one, or configure an embedding generator and give a text" : "";
            throw new VectorInputException($"The vector of '{id}' at position {position} {reason}{hint}.", id, position);
        }
    }

    private async ValueTask<IEnumerable<(int Position, ReadOnlyMemory<float> Vector)>> EmbedAsync(
        List<(int Position, string Text)> texts,
        CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
            return [];

        var vectors = await embedder!.EmbedAsync([.. texts.Select(static item => item.Text)], dimensions, cancellationToken)
            .ConfigureAwait(false);
        return texts.Select((item, i) => (item.Position, vectors[i]));
    }
}
