using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;

namespace Data.PackageTests;

/// <summary>What a portable symbol file says about sources.</summary>
internal sealed class PortableSymbols : IDisposable
{
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid EmbeddedSourceKind = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly MetadataReaderProvider _provider;
    private readonly MetadataReader _reader;

    public PortableSymbols(byte[] file)
    {
        _provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(file));
        _reader = _provider.GetMetadataReader();
    }

    /// <summary>The paths of the source files.</summary>
    public string[] Documents => [.. _reader.Documents.Select(d => _reader.GetString(_reader.GetDocument(d).Name))];

    /// <summary>The map from paths to addresses, as JSON; empty when there is none.</summary>
    public string SourceLink => string.Concat(Information(SourceLinkKind).Select(bytes => Encoding.UTF8.GetString(bytes)));

    /// <summary>The sources that lie in the file itself because no repository has them.</summary>
    public string[] EmbeddedSources => [.. Information(EmbeddedSourceKind).Select(Text)];

    public void Dispose() => _provider.Dispose();

    private IEnumerable<byte[]> Information(Guid kind) => _reader.CustomDebugInformation
        .Select(handle => _reader.GetCustomDebugInformation(handle))
        .Where(information => _reader.GetGuid(information.Kind) == kind)
        .Select(information => _reader.GetBlobBytes(information.Value));

    /// <summary>A source is stored as its length and the deflated text; length 0 says that it is not deflated.</summary>
    private static string Text(byte[] blob)
    {
        if (BitConverter.ToInt32(blob, 0) == 0)
            return Encoding.UTF8.GetString(blob.AsSpan(4));
        using var inflated = new DeflateStream(new MemoryStream(blob, 4, blob.Length - 4), CompressionMode.Decompress);
        using var reader = new StreamReader(inflated, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
