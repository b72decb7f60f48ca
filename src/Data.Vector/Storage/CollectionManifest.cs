using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Data.Vector.Storage;

/// <summary>What a collection's folder holds: one line of JSON and a line with its checksum.</summary>
internal sealed record CollectionManifest
{
    public const string FileName = "collection.manifest";
    public const int CurrentFormat = 1;

    /// <summary>Version of the folder's layout; a reader refuses what is newer and brings what is older up to date.</summary>
    public int Format { get; init; } = CurrentFormat;

    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required VectorCollectionOptions Options { get; init; }

    /// <summary>The oldest journal segment that must be replayed.</summary>
    public long FirstSegment { get; init; } = 1;

    /// <summary>Number of the snapshot that holds everything before that segment; 0 when there is none.</summary>
    public long Snapshot { get; init; }

    /// <summary>Keys that filters compared for equality before the snapshot; opening the collection builds their indexes.</summary>
    /// <remarks>Null in manifests of earlier versions.</remarks>
    public IReadOnlyList<string>? InvertedKeys { get; init; }

    /// <summary>Keys that filters compared by order before the snapshot.</summary>
    /// <remarks>Null in manifests of earlier versions.</remarks>
    public IReadOnlyList<string>? SortedKeys { get; init; }

    public void Save(string folder)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.CollectionManifest);
        var checksum = Encoding.ASCII.GetBytes($"\ncrc32c:{Crc32C.Compute(json).ToString("x8", CultureInfo.InvariantCulture)}\n");
        DurableFile.Replace(Path.Combine(folder, FileName), [.. json, .. checksum]);
    }

    public static CollectionManifest Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new VectorStoreCorruptException($"{FileName} is missing, and the collection cannot be opened without it.");

        var content = File.ReadAllBytes(path);
        var end = content.AsSpan().LastIndexOf("\ncrc32c:"u8);
        if (end < 0 || !content.AsSpan(end).SequenceEqual(
            Encoding.ASCII.GetBytes($"\ncrc32c:{Crc32C.Compute(content.AsSpan(0, end)).ToString("x8", CultureInfo.InvariantCulture)}\n")))
        {
            throw new VectorStoreCorruptException(FileName, Math.Max(0, end), "its checksum does not fit.");
        }

        try
        {
            // The version first: what else a newer one holds is unknown.
            var format = JsonSerializer.Deserialize(content.AsSpan(0, end), ManifestJson.Default.ManifestFormat)!.Format;
            return format <= CurrentFormat
                ? JsonSerializer.Deserialize(content.AsSpan(0, end), ManifestJson.Default.CollectionManifest)!
                : throw new VectorStoreCorruptException(
                    FileName,
                    0,
                    $"it has format {format}; this version of the library reads up to {CurrentFormat}. Use a newer version.");
        }
        catch (JsonException exception)
        {
            throw new VectorStoreCorruptException($"{FileName} is sound, but its content is not that of a manifest.", exception);
        }
    }
}

/// <summary>The part of a manifest that every version has.</summary>
internal sealed record ManifestFormat(int Format);

/// <summary>The manifest's serialisation, generated at build time so that trimmed and native applications work.</summary>
[JsonSerializable(typeof(CollectionManifest))]
[JsonSerializable(typeof(ManifestFormat))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class ManifestJson : JsonSerializerContext;
