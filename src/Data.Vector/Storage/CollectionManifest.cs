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

    public void Save(string folder)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.CollectionManifest);
        var checksum = Encoding.ASCII.GetBytes($"\ncrc32c:{Crc32C.Compute(json).ToString("x8", CultureInfo.InvariantCulture)}\n");
        DurableFile.Replace(Path.Combine(folder, FileName), [.. json, .. checksum]);
    }

    public static CollectionManifest Load(string folder)
    {
        var content = File.ReadAllBytes(Path.Combine(folder, FileName));
        var end = content.AsSpan().LastIndexOf("\ncrc32c:"u8);
        if (end < 0 || !content.AsSpan(end).SequenceEqual(
            Encoding.ASCII.GetBytes($"\ncrc32c:{Crc32C.Compute(content.AsSpan(0, end)).ToString("x8", CultureInfo.InvariantCulture)}\n")))
        {
            throw new VectorStoreCorruptException(FileName, Math.Max(0, end), "its checksum does not fit.");
        }

        var manifest = JsonSerializer.Deserialize(content.AsSpan(0, end), ManifestJson.Default.CollectionManifest)!;
        return manifest.Format <= CurrentFormat
            ? manifest
            : throw new VectorStoreCorruptException(
                FileName,
                0,
                $"it has format {manifest.Format}; this version of the library reads up to {CurrentFormat}. Use a newer version.");
    }
}

/// <summary>The manifest's serialisation, generated at build time so that trimmed and native applications work.</summary>
[JsonSerializable(typeof(CollectionManifest))]
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
internal sealed partial class ManifestJson : JsonSerializerContext;
