namespace Data.Vector.TextAnalysis;

/// <summary>What a character is to word boundaries: the values of Word_Break in Unicode Standard Annex #29 that terms need.</summary>
internal enum WordClass : byte
{
    /// <summary>No part of a word: spaces, punctuation, symbols.</summary>
    Other,

    /// <summary>A letter of a script that separates words.</summary>
    Letter,

    /// <summary>A Hebrew letter, which a double quotation mark can follow within a word.</summary>
    Hebrew,

    /// <summary>A decimal digit.</summary>
    Digit,

    /// <summary>A Katakana letter.</summary>
    Katakana,

    /// <summary>A character that is a word: an ideograph, or a letter of a script that does not separate words.</summary>
    Single,

    /// <summary>Belongs to the character before it: combining marks and invisible format characters.</summary>
    Extend,

    /// <summary>Joins letters and digits: the underscore.</summary>
    Connector,

    /// <summary>Joins two letters.</summary>
    MidLetter,

    /// <summary>Joins two digits.</summary>
    MidNumber,

    /// <summary>Joins two letters or two digits.</summary>
    MidAny,

    /// <summary>A double quotation mark, which joins Hebrew letters.</summary>
    DoubleQuote,
}
