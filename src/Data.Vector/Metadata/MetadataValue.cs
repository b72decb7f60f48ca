using System.Globalization;
using System.Runtime.CompilerServices;

namespace Data.Vector;

/// <summary>
/// One value of a record's metadata: a text, a whole number, a floating-point number, a truth value, or a list of one of them.
/// </summary>
/// <remarks>
/// Immutable and 16 bytes wide. Values convert implicitly from .NET's own types; lists are copied on the way in.
/// Equality is strict (<c>1</c> and <c>1.0</c> differ); filters compare numbers by their mathematical value instead.
/// </remarks>
public readonly struct MetadataValue : IEquatable<MetadataValue>
{
    // A marker object stands for the kind of the values that fit 64 bits, which keeps the struct at two words.
    private static readonly object IntegerMarker = new();
    private static readonly object DoubleMarker = new();
    private static readonly object BooleanMarker = new();

    private readonly object? _reference;
    private readonly long _bits;

    private MetadataValue(object reference, long bits = 0)
    {
        _reference = reference;
        _bits = bits;
    }

    /// <summary>What the value holds.</summary>
    public MetadataValueKind Kind => _reference switch
    {
        null => MetadataValueKind.None,
        string => MetadataValueKind.Text,
        string[] => MetadataValueKind.TextArray,
        long[] => MetadataValueKind.WholeNumberArray,
        double[] => MetadataValueKind.NumberArray,
        bool[] => MetadataValueKind.BooleanArray,
        _ when ReferenceEquals(_reference, IntegerMarker) => MetadataValueKind.WholeNumber,
        _ when ReferenceEquals(_reference, DoubleMarker) => MetadataValueKind.Number,
        _ => MetadataValueKind.Boolean,
    };

    /// <summary>Whether the value is a list.</summary>
    public bool IsArray => Kind >= MetadataValueKind.TextArray;

    /// <summary>Wraps a text.</summary>
    /// <param name="value">The text, not null.</param>
    public static implicit operator MetadataValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(value);
    }

    /// <summary>Wraps a whole number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator MetadataValue(int value) => new(IntegerMarker, value);

    /// <summary>Wraps a whole number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator MetadataValue(long value) => new(IntegerMarker, value);

    /// <summary>Wraps a floating-point number.</summary>
    /// <param name="value">The number; records and filters refuse NaN and infinities.</param>
    public static implicit operator MetadataValue(double value) => new(DoubleMarker, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Wraps a Boolean.</summary>
    /// <param name="value">The Boolean.</param>
    public static implicit operator MetadataValue(bool value) => new(BooleanMarker, value ? 1 : 0);

    /// <summary>Copies a list of texts.</summary>
    /// <param name="values">The texts, neither null nor holding null.</param>
    public static implicit operator MetadataValue(string[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Array.IndexOf(values, null) < 0 ?
            new(values.Clone()) :
            throw new ArgumentException("The list holds a null.", nameof(values));
    }

    /// <summary>Copies a list of whole numbers.</summary>
    /// <param name="values">The numbers, not null.</param>
    public static implicit operator MetadataValue(long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values.Clone());
    }

    /// <summary>Copies a list of floating-point numbers.</summary>
    /// <param name="values">The numbers, not null; records refuse NaN and infinities.</param>
    public static implicit operator MetadataValue(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values.Clone());
    }

    /// <summary>Copies a list of Booleans.</summary>
    /// <param name="values">The Booleans, not null.</param>
    public static implicit operator MetadataValue(bool[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values.Clone());
    }

    /// <summary>Compares two values strictly.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    /// <returns>True when kind and content agree.</returns>
    public static bool operator ==(MetadataValue left, MetadataValue right) => left.Equals(right);

    /// <summary>Compares two values strictly.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    /// <returns>True when kind or content differ.</returns>
    public static bool operator !=(MetadataValue left, MetadataValue right) => !left.Equals(right);

    /// <summary>Returns the text.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public string AsString() => _reference as string ?? throw Mismatch(MetadataValueKind.Text);

    /// <summary>Returns the whole number.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long AsInt64() => ReferenceEquals(_reference, IntegerMarker) ? _bits : throw Mismatch(MetadataValueKind.WholeNumber);

    /// <summary>Returns the floating-point number; a whole number is converted.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="InvalidOperationException">The value is not a number.</exception>
    public double AsDouble() =>
        ReferenceEquals(_reference, DoubleMarker) ? BitConverter.Int64BitsToDouble(_bits)
        : ReferenceEquals(_reference, IntegerMarker) ? _bits
        : throw Mismatch(MetadataValueKind.Number);

    /// <summary>Returns the Boolean.</summary>
    /// <returns>True or false.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public bool AsBoolean() => ReferenceEquals(_reference, BooleanMarker) ? _bits != 0 : throw Mismatch(MetadataValueKind.Boolean);

    /// <summary>Returns the texts, without a copy.</summary>
    /// <returns>The list in its order.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlySpan<string> AsStrings() => _reference as string[] ?? throw Mismatch(MetadataValueKind.TextArray);

    /// <summary>Returns the whole numbers, without a copy.</summary>
    /// <returns>The list in its order.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlySpan<long> AsInt64s() => _reference as long[] ?? throw Mismatch(MetadataValueKind.WholeNumberArray);

    /// <summary>Returns the floating-point numbers, without a copy.</summary>
    /// <returns>The list in its order.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlySpan<double> AsDoubles() => _reference as double[] ?? throw Mismatch(MetadataValueKind.NumberArray);

    /// <summary>Returns the Booleans, without a copy.</summary>
    /// <returns>The list in its order.</returns>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlySpan<bool> AsBooleans() => _reference as bool[] ?? throw Mismatch(MetadataValueKind.BooleanArray);

    /// <inheritdoc/>
    public bool Equals(MetadataValue other) => Kind == other.Kind && Kind switch
    {
        MetadataValueKind.None => true,
        MetadataValueKind.Text => string.Equals(AsString(), other.AsString(), StringComparison.Ordinal),
        MetadataValueKind.TextArray => AsStrings().SequenceEqual(other.AsStrings()),
        MetadataValueKind.WholeNumberArray => AsInt64s().SequenceEqual(other.AsInt64s()),
        MetadataValueKind.NumberArray => AsDoubles().SequenceEqual(other.AsDoubles()),
        MetadataValueKind.BooleanArray => AsBooleans().SequenceEqual(other.AsBooleans()),
        MetadataValueKind.Number => AsDouble().Equals(other.AsDouble()),
        _ => _bits == other._bits,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MetadataValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Kind);
        switch (Kind)
        {
            case MetadataValueKind.None:
                break;
            case MetadataValueKind.Text:
                hash.Add(AsString(), StringComparer.Ordinal);
                break;
            case MetadataValueKind.Number:
                hash.Add(AsDouble());
                break;
            case MetadataValueKind.WholeNumber or MetadataValueKind.Boolean:
                hash.Add(_bits);
                break;
            default:
                hash.Add(((Array)_reference!).Length);
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>Returns the value as text in the invariant culture, for display.</summary>
    /// <returns>The text; a list in brackets.</returns>
    public override string ToString() => Kind switch
    {
        MetadataValueKind.None => "(none)",
        MetadataValueKind.Text => AsString(),
        MetadataValueKind.WholeNumber => _bits.ToString(CultureInfo.InvariantCulture),
        MetadataValueKind.Number => AsDouble().ToString("R", CultureInfo.InvariantCulture),
        MetadataValueKind.Boolean => _bits != 0 ? "true" : "false",
        _ => $"[{string.Join(", ", ((Array)_reference!).Cast<object>().Select(Invariant))}]",
    };

    private static string? Invariant(object item) => Convert.ToString(item, CultureInfo.InvariantCulture);

    internal static MetadataValue FromOwned(Array values) => new(values);

    private InvalidOperationException Mismatch(MetadataValueKind wanted, [CallerMemberName] string member = "") =>
        new($"{member} needs a value of kind {wanted}; this one is of kind {Kind}.");
}
