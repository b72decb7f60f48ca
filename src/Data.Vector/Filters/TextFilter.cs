namespace Data.Vector.Filters;

/// <summary>A part of the document (no key) or of a metadata text.</summary>
internal sealed class TextFilter : VectorFilter
{
    public TextFilter(string? key, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            throw new VectorInputException("The filter needs a text that is not empty: every text contains the empty one.");

        Key = key;
        Text = text;
    }

    public string? Key { get; }

    public string Text { get; }

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        if (Key is null)
            return document is not null && document.Contains(Text, StringComparison.Ordinal);

        return metadata.TryGetValue(Key, out var value) && value.Kind == MetadataValueKind.Text
            && value.AsString().Contains(Text, StringComparison.Ordinal);
    }

    public override string ToString() => $"{Key ?? "(document)"} ContainsText {Text}";
}
