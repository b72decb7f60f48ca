using System.Security.Cryptography;
using System.Text;
using ConfigurationService.Errors;
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

    /// <summary>The parsed <c>If-Match</c> of a write; null when there is none.</summary>
    public static Precondition? IfMatch(HttpRequest request)
    {
        var values = request.Headers.IfMatch;
        if (values.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags) || tags.Count == 0)
        {
            throw new ProblemException(
                Problems.PreconditionMalformed,
                "If-Match must be an ETag of an earlier answer, in its quotes, or *.");
        }

        return new Precondition([.. tags.Select(static t => t.Tag.ToString())]);
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
