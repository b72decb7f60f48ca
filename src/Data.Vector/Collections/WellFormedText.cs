using System.Text;

namespace Data.Vector.Collections;

/// <summary>
/// Checks that a text survives a round trip through UTF-8: half a surrogate pair would come back as another character.
/// </summary>
internal static class WellFormedText
{
    public static bool Is(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (start < 0)
            return true;

        text = text[start..];
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != System.Buffers.OperationStatus.Done)
                return false;

            text = text[consumed..];
        }

        return true;
    }
}
