using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>Texts that PostgreSQL can hold: all but those with the character U+0000.</summary>
internal static class PgText
{
    public static bool HoldsNull(string text) => text.Contains('\0', StringComparison.Ordinal);

    /// <summary>Whether a record can have the text: no record has one that is refused.</summary>
    public static bool CanBeHeld(string text) => !HoldsNull(text) && WellFormedText.Is(text);

    /// <summary>Rejects ids, texts and metadata that PostgreSQL cannot hold.</summary>
    public static void Check(string id, string? document, VectorMetadata? metadata, int position)
    {
        if (HoldsNull(id) || (document is not null && HoldsNull(document)) || (metadata is not null && HoldsNull(metadata)))
        {
            throw new VectorInputException(
                $"The record '{id.Replace("\0", "\\0", StringComparison.Ordinal)}' at position {position} contains the character U+0000, "
                + "which PostgreSQL cannot hold.",
                id,
                position);
        }
    }

    private static bool HoldsNull(VectorMetadata metadata)
    {
        foreach (var (key, value) in metadata.Entries)
        {
            if (HoldsNull(key)
                || (value.Kind == MetadataValueKind.Text && HoldsNull(value.AsString()))
                || (value.Kind == MetadataValueKind.TextArray && value.AsStrings().ToArray().Any(HoldsNull)))
            {
                return true;
            }
        }

        return false;
    }
}
