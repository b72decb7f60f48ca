using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Data.Resilience.Replicas;

/// <summary>
/// The place of a commit: which cluster, which history of it, and where in its log. As text 28 characters of base64url, fit for a header.
/// </summary>
/// <param name="SystemIdentifier">Of the cluster; positions of another one mean nothing.</param>
/// <param name="Timeline">Of the log; after a fail-over the same positions hold other records.</param>
/// <param name="Position">At or after the commit record; the greatest number means that only the primary is known to have it.</param>
internal readonly record struct CommitToken(ulong SystemIdentifier, uint Timeline, ulong Position)
{
    private const byte Version = 1;
    private const int Length = 21;

    public static CommitToken Of(string systemIdentifier, uint timeline, ulong? position) =>
        new(
            ulong.Parse(systemIdentifier, CultureInfo.InvariantCulture),
            timeline,
            position is { } known ? LogPosition.EndOfRecord(known) : ulong.MaxValue);

    public static bool TryParse([NotNullWhen(true)] string? text, out CommitToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text is not { Length: Length / 3 * 4 } || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Length
            || bytes[0] != Version)
        {
            return false;
        }

        token = new CommitToken(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[9..]), BinaryPrimitives
                .ReadUInt64BigEndian(bytes[13..]));
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[1..], SystemIdentifier);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[9..], Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[13..], Position);
        return Base64Url.EncodeToString(bytes);
    }
}
