namespace Data.Vector;

/// <summary>A term of a text, and the part of the text that it stands for.</summary>
public readonly ref struct TextToken
{
    internal TextToken(ReadOnlySpan<char> term, int start, int length)
    {
        Term = term;
        Start = start;
        Length = length;
    }

    /// <summary>The term as the index holds it. Valid until the list it comes from is changed.</summary>
    public ReadOnlySpan<char> Term { get; }

    /// <summary>The position in the text, in characters.</summary>
    public int Start { get; }

    /// <summary>The length in the text, in characters; it can differ from that of the term.</summary>
    public int Length { get; }
}
