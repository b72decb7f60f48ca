namespace Data.Resilience.Interceptors;

/// <summary>Cuts SQL into tokens. Not a parser: it only has to know where names, values and comments begin and end.</summary>
internal ref struct SqlLexer(ReadOnlySpan<char> sql)
{
    private readonly ReadOnlySpan<char> _sql = sql;
    private int _at;

    /// <summary>What the last <see cref="Read"/> found.</summary>
    public SqlTokenKind Kind { get; private set; }

    /// <summary>The token's text.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>Whether white space or a block comment stands before the token.</summary>
    public bool IsSpaced { get; private set; }

    private readonly char Current => _sql[_at];

    private readonly char Next => _at + 1 < _sql.Length ? _sql[_at + 1] : '\0';

    /// <summary>Goes to the next token.</summary>
    /// <returns>False at the end.</returns>
    public bool Read()
    {
        SkipSpace();
        if (_at >= _sql.Length)
            return false;

        var start = _at;
        Kind = Take();
        Text = _sql[start.._at];
        if (Kind == SqlTokenKind.Comment)
            Text = Text[2..].Trim();
        return true;
    }

    /// <summary>Tells whether the token is this word, in any case.</summary>
    public readonly bool Is(string word) => Kind == SqlTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Tells whether the token is this character.</summary>
    public readonly bool Is(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;

    private SqlTokenKind Take()
    {
        var c = Current;
        if (c == '-' && Next == '-')
            return Comment();
        if (c == '\'')
            return Quoted(backslashEscapes: false);
        if (c == '"')
            return QuotedName();
        if (c == '$')
            return Dollar();
        if (IsParameterStart(c))
            return Parameter();
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Next)))
            return Number();
        if (IsWord(c))
            return Word();

        _at++;
        return SqlTokenKind.Symbol;
    }

    private readonly bool IsParameterStart(char c) =>
        (c == '@' && IsWord(Next)) || (c == ':' && IsWord(Next) && (_at == 0 || _sql[_at - 1] != ':'));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > '\x7f';

    private void SkipSpace()
    {
        IsSpaced = false;
        while (_at < _sql.Length)
        {
            if (char.IsWhiteSpace(Current))
                _at++;
            else if (Current == '/' && Next == '*')
                SkipBlockComment();
            else
                return;

            IsSpaced = true;
        }
    }

    private void SkipBlockComment()
    {
        // PostgreSQL nests block comments, unlike standard SQL.
        var depth = 0;
        do
        {
            if (Current == '/' && Next == '*')
            {
                depth++;
                _at++;
            }
            else if (Current == '*' && Next == '/')
            {
                depth--;
                _at++;
            }

            _at++;
        }
        while (depth > 0 && _at < _sql.Length);
        _at = Math.Min(_at, _sql.Length);
    }

    private SqlTokenKind Comment()
    {
        var length = _sql[_at..].IndexOf('\n');
        _at = length < 0 ? _sql.Length : _at + length;
        return SqlTokenKind.Comment;
    }

    private SqlTokenKind Quoted(bool backslashEscapes)
    {
        for (_at++; _at < _sql.Length; _at++)
        {
            if (backslashEscapes && Current == '\\')
            {
                _at++;
            }
            else if (Current == '\'')
            {
                if (Next != '\'')
                    break;
                _at++;
            }
        }

        _at = Math.Min(_at + 1, _sql.Length);
        return SqlTokenKind.Value;
    }

    private SqlTokenKind QuotedName()
    {
        for (_at++; _at < _sql.Length; _at++)
        {
            if (Current != '"')
                continue;
            if (Next != '"')
                break;
            _at++;
        }

        _at = Math.Min(_at + 1, _sql.Length);
        return SqlTokenKind.QuotedName;
    }

    private SqlTokenKind Dollar()
    {
        if (char.IsAsciiDigit(Next))
            return Parameter();

        var end = _at + 1;
        while (end < _sql.Length && IsWord(_sql[end]))
            end++;
        if (end >= _sql.Length || _sql[end] != '$')
        {
            _at++;
            return SqlTokenKind.Symbol;
        }

        var delimiter = _sql[_at..(end + 1)];
        var close = _sql[(end + 1)..].IndexOf(delimiter, StringComparison.Ordinal);
        _at = close < 0 ? _sql.Length : end + 1 + close + delimiter.Length;
        return SqlTokenKind.Value;
    }

    private SqlTokenKind Parameter()
    {
        _at++;
        while (_at < _sql.Length && IsWord(Current))
            _at++;
        return SqlTokenKind.Parameter;
    }

    private SqlTokenKind Number()
    {
        while (_at < _sql.Length)
        {
            var exponentSign = Current is '+' or '-' && _sql[_at - 1] is 'e' or 'E' && char.IsAsciiDigit(Next);
            if (!IsWord(Current) && Current != '.' && !exponentSign)
                break;
            _at++;
        }

        return SqlTokenKind.Value;
    }

    private SqlTokenKind Word()
    {
        var start = _at;
        while (_at < _sql.Length && (IsWord(Current) || Current == '$'))
            _at++;
        var isPrefix = _at < _sql.Length && Current == '\'' && _at == start + 1
            && _sql[start] is 'e' or 'E' or 'b' or 'B' or 'x' or 'X' or 'n' or 'N';
        return isPrefix ? Quoted(backslashEscapes: _sql[start] is 'e' or 'E') : SqlTokenKind.Word;
    }
}
