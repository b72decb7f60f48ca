namespace Data.Vector;

/// <summary>The kind of a <see cref="MetadataValue"/>.</summary>
public enum MetadataValueKind
{
    /// <summary>Nothing: the value of <c>default(MetadataValue)</c>, which records must not contain.</summary>
    None = 0,

    /// <summary>A text.</summary>
    Text = 1,

    /// <summary>A 64-bit whole number.</summary>
    WholeNumber = 2,

    /// <summary>A finite 64-bit floating-point number.</summary>
    Number = 3,

    /// <summary>True or false.</summary>
    Boolean = 4,

    /// <summary>A list of texts.</summary>
    TextArray = 5,

    /// <summary>A list of whole numbers.</summary>
    WholeNumberArray = 6,

    /// <summary>A list of finite floating-point numbers.</summary>
    NumberArray = 7,

    /// <summary>A list of Booleans.</summary>
    BooleanArray = 8,
}
