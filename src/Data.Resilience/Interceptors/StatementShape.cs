using System.Data.Common;
using System.Globalization;

namespace Data.Resilience.Interceptors;

/// <summary>Which parameters of a command name what it looks up; tells N+1 from repetitions that one query could not replace.</summary>
/// <remarks>
/// N+1 looks up one thing after another, so the parameters that name the thing differ from execution to execution. Left out are the place
/// in a list (LIMIT, OFFSET and, in a statement with a LIMIT above 2, what is compared by order: a keyset page walks over the list by
/// these) and lists of values, as such a statement looks up many things at once already.
/// </remarks>
internal sealed class StatementShape
{
    private readonly HashSet<string> _places = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _textHash;
    private readonly bool _isPage;
    private readonly bool _namesThing;

    public StatementShape(string text)
    {
        _textHash = text.GetHashCode(StringComparison.Ordinal);
        IsQuery = !ReadOnlySql.MayWrite(text);
        if (!IsQuery)
            return;

        var tokens = Tokens(text);
        for (var i = 0; i < tokens.Count; i++)
            _isPage |= tokens[i].Is("limit", "fetch") && i + 1 < tokens.Count && tokens[i + 1].Text is not ("1" or "2");
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == SqlTokenKind.Parameter && IsPlace(tokens, i))
                _places.Add(tokens[i].Text[1..]);
        }

        _namesThing = tokens.Exists(token => token.Kind == SqlTokenKind.Parameter && !_places.Contains(token.Text[1..]));
    }

    /// <summary>Whether the statement only reads; others are never N+1.</summary>
    public bool IsQuery { get; }

    /// <summary>Returns a number that is equal for executions that look up the same.</summary>
    public int LookupOf(DbParameterCollection parameters)
    {
        var hash = default(HashCode);
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (!IsPlace(parameter.ParameterName, i))
                hash.Add(parameter.Value);
        }

        // A value that is written into the text is a part of it. In a page it may be the place, which cannot be told apart.
        if (!_isPage)
            hash.Add(_textHash);
        return hash.ToHashCode();
    }

    /// <summary>The same without sight of the values, which are taken to differ each time.</summary>
    /// <param name="execution">Number of the execution.</param>
    public int LookupWithoutValues(int execution)
    {
        // Whether the next page of one list comes or the first of another, only the values would tell.
        if (_isPage)
            return 0;

        return _namesThing ? execution : _textHash;
    }

    private bool IsPlace(string name, int index) =>
        _places.Count > 0
            && _places.Contains(name.Length == 0 ? (index + 1).ToString(CultureInfo.InvariantCulture) : name.TrimStart('@', ':', '$'));

    private bool IsPlace(List<Token> tokens, int at)
    {
        var before = At(tokens, at - 1);
        if (before.Is("limit", "offset", "first", "next"))
            return true;
        // "= ANY (@keys)", "unnest(@keys)", "IN (@a, @b)": one value alone is no list.
        var open = OpeningBefore(tokens, at);
        var opener = At(tokens, open - 1);
        if (opener.Is("any", "all", "unnest") || (opener.Is("in") && (at - open > 1 || At(tokens, at + 1).Text == ",")))
            return true;

        return _isPage && (before.IsOrder || At(tokens, at + 1).IsOrder || opener.IsOrder || before.Is("between")
            || (before.Is("and") && At(tokens, at - 3).Is("between")));
    }

    /// <summary>Returns the index of the parenthesis that opens the list of values around a parameter; -1 when it is in none.</summary>
    private static int OpeningBefore(List<Token> tokens, int at)
    {
        for (at--; at >= 0 && (tokens[at].Text == "," || tokens[at].Kind is SqlTokenKind.Parameter or SqlTokenKind.Value); at--)
        {
        }

        return at >= 0 && tokens[at].Text == "(" ? at : -1;
    }

    private static Token At(List<Token> tokens, int index) => index >= 0 && index < tokens.Count ? tokens[index] : default;

    private static List<Token> Tokens(string text)
    {
        var tokens = new List<Token>();
        var lexer = new SqlLexer(text);
        while (lexer.Read())
        {
            if (lexer.Kind == SqlTokenKind.Comment)
                continue;
            // The characters of one operator belong together: "<=" orders, "<>" and "->" do not.
            var isOperator = lexer.Kind == SqlTokenKind.Symbol && IsOperator(lexer.Text[0]);
            var last = At(tokens, tokens.Count - 1);
            if (isOperator && !lexer.IsSpaced && last.Kind == SqlTokenKind.Symbol && IsOperator(last.Text[0]))
                tokens[^1] = new Token(SqlTokenKind.Symbol, last.Text + lexer.Text.ToString());
            else
                tokens.Add(new Token(lexer.Kind, lexer.Text.ToString()));
        }

        return tokens;
    }

    private static bool IsOperator(char c) => "<>=!@#%^&|~+-*/?".Contains(c, StringComparison.Ordinal);

    private readonly record struct Token(SqlTokenKind Kind, string Text)
    {
        public bool IsOrder => Kind == SqlTokenKind.Symbol && Text is "<" or ">" or "<=" or ">=";

        public bool Is(params ReadOnlySpan<string> words)
        {
            if (Kind != SqlTokenKind.Word)
                return false;
            foreach (var word in words)
            {
                if (string.Equals(Text, word, StringComparison.OrdinalIgnoreCase))
                    return true;
            }

            return false;
        }
    }
}
