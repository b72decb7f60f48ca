using System.Text;

namespace Data.Cache.Invalidation;

internal enum GlobTokenKind
{
    Literal,
    AnyOne,
    AnyRun,
    Set,
}

/// <summary>One element of a glob: a literal character, <c>?</c>, <c>*</c> or a set.</summary>
internal sealed record GlobToken(GlobTokenKind Kind, Rune Literal = default, bool Negated = false, (Rune Low, Rune High)[]? Ranges = null)
{
    public static readonly GlobToken AnyOne = new(GlobTokenKind.AnyOne);
    public static readonly GlobToken AnyRun = new(GlobTokenKind.AnyRun);

    public bool Accepts(Rune rune) => Kind switch
    {
        GlobTokenKind.Literal => rune == Literal,
        GlobTokenKind.Set => InSet(rune) != Negated,
        _ => true,
    };

    private bool InSet(Rune rune)
    {
        foreach (var (low, high) in Ranges!)
        {
            if (rune >= low && rune <= high)
                return true;
        }

        return false;
    }
}
