using System.Security.Cryptography;
using System.Text;

namespace Data.Resilience.Interceptors;

/// <summary>The shape of a SQL statement: its text without literals, parameters, comments, list lengths and layout.</summary>
/// <remarks>
/// Two statements that differ only in values, in the length of an <c>IN</c> or <c>VALUES</c> list or in white space share one fingerprint.
/// Immutable and safe to share between threads.
/// </remarks>
public sealed class QueryFingerprint : IEquatable<QueryFingerprint>
{
    private readonly int _hashCode;

    internal QueryFingerprint(string text)
    {
        Text = text;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        Id = Convert.ToHexStringLower(digest[..8]);
        _hashCode = BitConverter.ToInt32(digest);
    }

    /// <summary>The normalised SQL, every value replaced by <c>?</c>; it contains no data of the caller.</summary>
    public string Text { get; }

    /// <summary>Sixteen hexadecimal digits that are equal in every process for equal <see cref="Text"/>.</summary>
    public string Id { get; }

    /// <summary>Computes the fingerprint of a statement.</summary>
    /// <param name="sql">The statement as it is sent to PostgreSQL.</param>
    /// <returns>Its fingerprint; nothing is cached by this call.</returns>
    /// <remarks>Costs about a microsecond per hundred characters. Thread-safe.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="sql"/> is null.</exception>
    public static QueryFingerprint Of(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return new QueryFingerprint(SqlNormalizer.Normalize(sql).Text);
    }

    /// <inheritdoc/>
    public bool Equals(QueryFingerprint? other) =>
        ReferenceEquals(this, other) || (other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QueryFingerprint);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    /// <summary>Returns <see cref="Text"/>.</summary>
    /// <returns>The normalised SQL.</returns>
    public override string ToString() => Text;
}
