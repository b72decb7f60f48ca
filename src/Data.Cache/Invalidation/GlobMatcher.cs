using System.Buffers;
using System.Text;

namespace Data.Cache.Invalidation;

/// <summary>
/// Matches a key against glob tokens with one backtrack point (the last star), so that no pattern costs more than tokens × characters.
/// </summary>
internal static class GlobMatcher
{
    public static bool IsMatch(ReadOnlySpan<GlobToken> tokens, ReadOnlySpan<char> key)
    {
        var token = 0;
        var at = 0;
        var star = -1;
        var resume = 0;
        while (at < key.Length)
        {
            if (token < tokens.Length && tokens[token].Kind == GlobTokenKind.AnyRun)
            {
                star = token++;
                resume = at;
                continue;
            }

            var width = Decode(key[at..], out var rune);
            if (token < tokens.Length && tokens[token].Accepts(rune))
            {
                token++;
                at += width;
            }
            else if (star >= 0)
            {
                // The last star swallows one character more; earlier stars never need to be reconsidered.
                token = star + 1;
                resume += Decode(key[resume..], out _);
                at = resume;
            }
            else
            {
                return false;
            }
        }

        while (token < tokens.Length && tokens[token].Kind == GlobTokenKind.AnyRun)
            token++;
        return token == tokens.Length;
    }

    private static int Decode(ReadOnlySpan<char> text, out Rune rune)
    {
        // A broken surrogate counts as one replacement character, as it would after encoding.
        return Rune.DecodeFromUtf16(text, out rune, out var width) == OperationStatus.Done ? width : 1;
    }
}
