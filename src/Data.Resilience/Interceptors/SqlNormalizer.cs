using System.Text;

namespace Data.Resilience.Interceptors;

/// <summary>Rewrites SQL to its shape.</summary>
internal ref struct SqlNormalizer
{
    private const string Placeholder = "?";

    private readonly StringBuilder _out;
    private SqlLexer _lexer;
    private List<string>? _tags;
    private bool _space;

    private SqlNormalizer(ReadOnlySpan<char> sql)
    {
        _lexer = new SqlLexer(sql);
        _out = new StringBuilder(sql.Length);
    }

    /// <summary>The normalised text and the comment lines that precede the statement, which is where EF puts query tags.</summary>
    public static (string Text, IReadOnlyList<string> Tags) Normalize(ReadOnlySpan<char> sql)
    {
        var normalizer = new SqlNormalizer(sql);
        normalizer.Run();
        return (normalizer._out.ToString(), normalizer._tags ?? (IReadOnlyList<string>)[]);
    }

    private void Run()
    {
        while (_lexer.Read())
        {
            _space |= _lexer.IsSpaced;
            switch (_lexer.Kind)
            {
                case SqlTokenKind.Comment:
                    Comment();
                    break;
                case SqlTokenKind.Value or SqlTokenKind.Parameter:
                    Value();
                    break;
                case SqlTokenKind.Symbol:
                    Symbol(_lexer.Text[0]);
                    break;
                default:
                    Emit(_lexer.Text);
                    break;
            }
        }

        while (_out.Length > 0 && _out[^1] is ';' or ' ')
            _out.Length--;
    }

    private void Comment()
    {
        if (_out.Length == 0 && !_lexer.Text.IsEmpty)
            (_tags ??= []).Add(_lexer.Text.ToString());
        _space = true;
    }

    private void Symbol(char c)
    {
        // "(?), (?)" is a VALUES list (or a list of rows): one row stands for all of them.
        if (c is ',' or ')' or ';' or '.')
            _space = false;
        Emit(_lexer.Text);
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
