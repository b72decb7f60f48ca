namespace Data.Resilience.Sessions;

/// <summary>What PostgreSQL takes as text.</summary>
internal static class SessionText
{
    /// <summary>Whether a text has a form in UTF-8 and no null character; the driver fails half-way through a message otherwise.</summary>
    public static bool IsStorable(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\0')
                return false;
            if (!char.IsSurrogate(text[index]))
                continue;
            if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                return false;

            index++;
        }

        return true;
    }
}
