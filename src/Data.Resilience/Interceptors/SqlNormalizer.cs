using System.Text;

namespace Data.Resilience.Interceptors;

/// <summary>Rewrites SQL to its shape. A lexer, not a parser: it only has to know where values begin and end.</summary>
internal ref struct SqlNormalizer
{
    private const string Placeholder = "?";

    private readonly ReadOnlySpan<char> _sql;
    private readonly StringBuilder _out;
    private List<string>? _tags;
    private int _at;
    private bool _space;

    private SqlNormalizer(ReadOnlySpan<char> sql)
    {
        _sql = sql;
        _out = new StringBuilder(sql.Length);
    }

    /// <summary>The normalised text and the comment lines that precede the statement, which is where EF puts query tags.</summary>
    public static (string Text, IReadOnlyList<string> Tags) Normalize(ReadOnlySpan<char> sql)
    {
        var normalizer = new SqlNormalizer(sql);
        normalizer.Run();
        return (normalizer._out.ToString(), normalizer._tags ?? (IReadOnlyList<string>)[]);
    }

    private readonly char Current => _sql[_at];

    private readonly char Next => _at + 1 < _sql.Length ? _sql[_at + 1] : '\0';

    private void Run()
    {
        while (_at < _sql.Length)
        {
            var c = Current;
            if (char.IsWhiteSpace(c))
            {
                _space = true;
                _at++;
            }
            else if (c == '-' && Next == '-')
            {
                LineComment();
            }
            else if (c == '/' && Next == '*')
            {
                BlockComment();
            }
            else if (c == '\'')
            {
                Quoted(backslashEscapes: false);
            }
            else if (c == '"')
            {
                QuotedIdentifier();
            }
            else if (c == '$')
            {
                Dollar();
            }
            else if (IsParameterStart(c))
            {
                Parameter();
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Next)))
            {
                Number();
            }
            else if (IsWord(c))
            {
                Word();
            }
            else
            {
                Symbol(c);
            }
        }

        while (_out.Length > 0 && _out[^1] is ';' or ' ')
            _out.Length--;
    }

    private readonly bool IsParameterStart(char c) =>
        (c == '@' && IsWord(Next)) || (c == ':' && IsWord(Next) && (_at == 0 || _sql[_at - 1] != ':'));

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > '\x7f';

    private void LineComment()
    {
        var rest = _sql[(_at + 2)..];
        var length = rest.IndexOf('\n');
        var line = (length < 0 ? rest : rest[..length]).Trim();
        if (_out.Length == 0 && !line.IsEmpty)
            (_tags ??= []).Add(line.ToString());
        _at = length < 0 ? _sql.Length : _at + 2 + length + 1;
        _space = true;
    }

    private void BlockComment()
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
        _space = true;
    }

    private void Quoted(bool backslashEscapes)
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
        Value();
    }

    private void QuotedIdentifier()
    {
        var start = _at;
        for (_at++; _at < _sql.Length; _at++)
        {
            if (Current != '"')
                continue;
            if (Next != '"')
                break;
            _at++;
        }

        _at = Math.Min(_at + 1, _sql.Length);
        Emit(_sql[start.._at]);
    }

    private void Dollar()
    {
        if (char.IsAsciiDigit(Next))
        {
            Parameter();
            return;
        }

        var end = _at + 1;
        while (end < _sql.Length && IsWord(_sql[end]))
            end++;
        if (end >= _sql.Length || _sql[end] != '$')
        {
            Symbol('$');
            return;
        }

        var delimiter = _sql[_at..(end + 1)];
        var close = _sql[(end + 1)..].IndexOf(delimiter, StringComparison.Ordinal);
        _at = close < 0 ? _sql.Length : end + 1 + close + delimiter.Length;
        Value();
    }

    private void Parameter()
    {
        _at++;
        while (_at < _sql.Length && IsWord(Current))
            _at++;
        Value();
    }

    private void Number()
    {
        while (_at < _sql.Length)
        {
            var exponentSign = Current is '+' or '-' && _sql[_at - 1] is 'e' or 'E' && char.IsAsciiDigit(Next);
            if (!IsWord(Current) && Current != '.' && !exponentSign)
                break;
            _at++;
        }

        Value();
    }

    private void Word()
    {
        var start = _at;
        while (_at < _sql.Length && (IsWord(Current) || Current == '$'))
            _at++;
        var word = _sql[start.._at];
        var followedByQuote = _at < _sql.Length && Current == '\'';
        if (followedByQuote && word.Length == 1 && word[0] is 'e' or 'E' or 'b' or 'B' or 'x' or 'X' or 'n' or 'N')
        {
            Quoted(backslashEscapes: word[0] is 'e' or 'E');
            return;
        }

        Emit(word);
    }

    private void Symbol(char c)
    {
        // "(?), (?)" is a VALUES list (or a list of rows): one row stands for all of them.
        _at++;
        if (c is ',' or ')' or ';' or '.')
            _space = false;
        Emit(_sql.Slice(_at - 1, 1));
        if (c == ')' && EndsWith("(?), (?)"))
            _out.Length -= ", (?)".Length;
        if (c == ',')
            _space = true;
    }

    /// <summary>Emits one value; "?, ?" folds to "?", so that a list of any length has one shape.</summary>
    private void Value()
    {
        if (_out.Length > 1 && _out[^1] is '-' or '+' && IsBeforeSign(_out.Length - 2))
            _out.Length--;
        if (_space && EndsWith("?,"))
        {
            _out.Length -= 1;
            _space = false;
            return;
        }

        Emit(Placeholder);
    }

    private readonly bool IsBeforeSign(int index)
    {
        while (index >= 0 && _out[index] == ' ')
            index--;
        return index >= 0 && _out[index] is '(' or ',' or '=' or '<' or '>' or '*' or '/' or '%' or '+' or '-';
    }

    private void Emit(scoped ReadOnlySpan<char> token)
    {
        var glued = _out.Length > 0 && _out[^1] is '(' or '.' or ' ';
        if (_space && _out.Length > 0 && !glued)
            _out.Append(' ');
        _space = false;
        _out.Append(token);
    }

    private readonly bool EndsWith(string suffix)
    {
        if (_out.Length < suffix.Length)
            return false;
        for (var i = 0; i < suffix.Length; i++)
        {
            if (_out[_out.Length - suffix.Length + i] != suffix[i])
                return false;
        }

        return true;
    }
}
