using System.Security.Cryptography;
using System.Text;
using ConfigurationService.Errors;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ConfigurationService.Http;

/// <summary>Entity tags: a version for one thing, a digest of versions for several; and the preconditions that name them.</summary>
internal static class EntityTag
{
    public static string OfVersion(int version) => $"\"{version}\"";

    /// <summary>The tag of a set of versioned things. Versions never repeat, so equal tags mean equal content.</summary>
    public static string OfSet(string scope, IEnumerable<(string Name, int Version)> parts)
    {
        var text = new StringBuilder(scope);
        foreach (var (name, version) in parts.OrderBy(static p => p.Name, StringComparer.Ordinal))
            text.Append('\n').Append(name).Append(' ').Append(version);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return $"\"{Convert.ToHexStringLower(digest.AsSpan(0, 12))}\"";
    }

    /// <summary>What <c>If-Match</c> and <c>If-None-Match</c> of a write ask for; null when there is neither.</summary>
    public static Precondition? Condition(HttpRequest request)
    {
        var match = Read(request.Headers.IfMatch, "If-Match");
        var noneMatch = Read(request.Headers.IfNoneMatch, "If-None-Match");
        if (match is null && noneMatch is null)
            return null;
        // If-Match compares strongly: a weak tag says that two answers are alike, not that they are the same (RFC 9110, 13.1.1).
        return new Precondition(
            match is null ? null : [.. match.Where(static t => !t.IsWeak).Select(static t => t.Tag.ToString())],
            noneMatch is null ? null : [.. noneMatch.Select(static t => t.Tag.ToString())]);
    }

    private static IList<EntityTagHeaderValue>? Read(StringValues values, string name)
    {
        if (values.Count == 0)
            return null;
        return EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags) && tags.Count > 0
            ? tags
            : throw new ProblemException(
                Problems.PreconditionMalformed, $"{name} must be an ETag of an earlier answer, in its quotes, or *.");
    }

    /// <summary>Whether the reader holds this very content already.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var values = request.Headers.IfNoneMatch;
        return values.Count > 0
            && EntityTagHeaderValue.TryParseList([.. values.OfType<string>()], out var tags)
            && tags.Any(t => t.Tag == "*" || t.Tag == tag);
    }
}
