using System.Text.Json;
using Data.Vector.Metadata;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Metadata as Chroma holds it.</summary>
/// <remarks>
/// Chroma knows no lists, so a list under <c>tags</c> becomes its JSON under <c>__data.list.tags</c> and a mark
/// <c>__data.has.tags=…</c> per element, which filters ask for. It cannot take a text away from a record either: the text becomes empty,
/// and the mark <c>__data.no_document</c> says that there is none. Applications never see these keys.
/// </remarks>
internal static class ChromaMetadata
{
    public const string NoDocument = MetadataKeys.OwnPrefix + "no_document";

    private const string ListPrefix = MetadataKeys.OwnPrefix + "list.";
    private const string ElementPrefix = MetadataKeys.OwnPrefix + "has.";

    public static string ElementMark(string key, MetadataValue element) => $"{ElementPrefix}{key}={JsonScalars.Describe(element)}";

    /// <summary>The entries that a record's metadata becomes; a null value tells the server to drop the key.</summary>
    public static Dictionary<string, MetadataValue?> Encode(VectorMetadata metadata)
    {
        var entries = new Dictionary<string, MetadataValue?>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata.Entries)
        {
            if (!value.IsArray)
            {
                entries[key] = value;
                continue;
            }

            entries[ListPrefix + key] = ListText.ToJson(value);
            foreach (var element in ListText.Elements(value))
                entries[ElementMark(key, element)] = true;
        }

        return entries;
    }

    public static VectorMetadata Decode(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
            return VectorMetadata.Empty;

        var entries = new List<KeyValuePair<string, MetadataValue>>();
        foreach (var property in metadata.EnumerateObject())
        {
            if (property.Name.StartsWith(ListPrefix, StringComparison.Ordinal))
            {
                entries.Add(new(property.Name[ListPrefix.Length..], ListText.FromJson(property.Value.GetString()!)));
            }
            else if (!property.Name.StartsWith(MetadataKeys.OwnPrefix, StringComparison.Ordinal)
                            && JsonScalars.TryRead(property.Value, out var value))
            {
                entries.Add(new(property.Name, value));
            }
        }

        return VectorMetadata.FromOwned([.. entries]);
    }
}
