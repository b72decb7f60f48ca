namespace Data.Resilience.Interceptors;

/// <summary>What a piece of SQL is.</summary>
internal enum SqlTokenKind
{
    /// <summary>A key word or an unquoted name.</summary>
    Word,

    /// <summary>A name in double quotes, with them.</summary>
    QuotedName,

    /// <summary>A literal: string, bit string, dollar-quoted string or number.</summary>
    Value,

    /// <summary>A placeholder, with its sign.</summary>
    Parameter,

    /// <summary>One character of an operator or of punctuation.</summary>
    Symbol,

    /// <summary>A comment to the end of its line, without the dashes.</summary>
    Comment,
}
