using Data.Cache.Invalidation;

namespace Data.Cache;

/// <summary>A glob over keys whose literal parts are escaped, so that no tenant's name can widen it.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. <c>*</c> is any run of characters, <c>?</c> one character (a Unicode scalar),
/// <c>[a-z]</c> and <c>[^a-z]</c> one of a set, <c>\</c> takes the next character literally. Patterns always cover the whole key.
/// </remarks>
/// <example>
/// <code>
/// var customer = "a*";                                              // not a wildcard in a literal part
/// var all = KeyPattern.Prefix($"customer:{customer}:");
/// var maps = KeyPattern.Literal($"customer:{customer}:map:") + KeyPattern.Parse("[0-9]*");
/// var result = await provider.GetRequiredService&lt;DataCache&gt;().RemoveByPatternAsync(maps);
/// </code>
/// </example>
public sealed class KeyPattern : IEquatable<KeyPattern>
{
    private readonly GlobToken[] _tokens;
    private string? _text;

    private KeyPattern(IEnumerable<GlobToken> tokens) => _tokens = [.. tokens];

    /// <summary>Matches every key.</summary>
    public static KeyPattern All { get; } = new([GlobToken.AnyRun]);

    internal ReadOnlySpan<GlobToken> Tokens => _tokens;

    /// <summary>
    /// Whether Redis, which compares bytes, accepts exactly the keys that <see cref="IsMatch"/> does: so for literals and stars, which need
    /// no notion of a character.
    /// </summary>
    internal bool IsExactInRedis => Array.TrueForAll(_tokens, static token => token.Kind is GlobTokenKind.Literal or GlobTokenKind.AnyRun);

    /// <summary>Matches keys that start with a text, whatever characters it has.</summary>
    /// <param name="text">The start of the keys, taken literally.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static KeyPattern Prefix(string text) => Literal(text) + All;

    /// <summary>Matches a text itself; a part to be joined with others by <c>+</c>.</summary>
    /// <param name="text">The text, taken literally.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static KeyPattern Literal(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new KeyPattern(GlobParser.Literals(text));
    }

    /// <summary>Reads a glob.</summary>
    /// <param name="glob">The glob; for parts that come from users take <see cref="Literal"/> and join.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="glob"/> is null.</exception>
    /// <exception cref="FormatException">A bracket is not closed, or the glob ends in a lone backslash.</exception>
    public static KeyPattern Parse(string glob)
    {
        ArgumentNullException.ThrowIfNull(glob);
        return new KeyPattern(GlobParser.Parse(glob));
    }

    /// <summary>Joins two patterns, one after the other.</summary>
    /// <param name="left">Matches the start of the key.</param>
    /// <param name="right">Matches the rest.</param>
    /// <returns>The joined pattern.</returns>
    public static KeyPattern operator +(KeyPattern left, KeyPattern right) => Add(left, right);

    /// <summary>Joins two patterns, one after the other.</summary>
    /// <param name="left">Matches the start of the key.</param>
    /// <param name="right">Matches the rest.</param>
    /// <returns>The joined pattern.</returns>
    /// <exception cref="ArgumentNullException">A pattern is null.</exception>
    public static KeyPattern Add(KeyPattern left, KeyPattern right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new KeyPattern(left._tokens.Concat(right._tokens));
    }

    /// <summary>Whether a key matches.</summary>
    /// <param name="key">The whole key.</param>
    /// <returns>True when the pattern covers the whole key.</returns>
    /// <remarks>Linear for patterns with one star; at worst the product of both lengths, never exponential.</remarks>
    public bool IsMatch(ReadOnlySpan<char> key) => GlobMatcher.IsMatch(_tokens, key);

    /// <summary>Returns the glob in the dialect that <see cref="Parse"/> and Redis read.</summary>
    /// <returns>The glob, with literal characters escaped where they need it.</returns>
    public override string ToString() => _text ??= GlobWriter.Write(_tokens);

    /// <inheritdoc/>
    public bool Equals(KeyPattern? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeyPattern);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
