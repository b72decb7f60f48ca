using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Data.Cache.Llm;

/// <summary>
/// The key of a request: SHA-256 over its parts, each behind its length, so that no text can move from one part into the next.
/// </summary>
/// <remarks>Texts are hashed as UTF-16: UTF-8 would turn every lone surrogate into the same replacement character.</remarks>
internal static class LlmRequestHash
{
    private const int Format = 2;

    public static string Of(LlmRequest request, string kind)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Format);
        Add(hash, kind);
        Add(hash, request.TenantId);
        Add(hash, request.Model);
        Add(hash, request.System);
        Add(hash, request.Messages.Count);
        foreach (var (role, content) in request.Messages)
        {
            Add(hash, role);
            Add(hash, content);
        }

        Add(hash, request.Tools.Count);
        foreach (var tool in request.Tools)
            Add(hash, tool);
        Add(hash, request.Parameters.Count);
        foreach (var (name, value) in request.Parameters.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, name);
            Add(hash, value);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string? text)
    {
        if (text is null)
        {
            Add(hash, -1);
            return;
        }

        Add(hash, text.Length);
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private static void Add(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
