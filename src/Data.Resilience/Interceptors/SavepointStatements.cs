using Data.Resilience.Sessions;

namespace Data.Resilience.Interceptors;

/// <summary>Finds the savepoints that a delegate makes and goes back to by statements of its own.</summary>
internal static class SavepointStatements
{
    /// <summary>Notes what a command has done to the savepoints of its session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="sql">The text of a command that has ended. When it failed, the transaction can only go on from a savepoint, and one
    /// that is not known by then is refused.</param>
    public static void Follow(DbSession session, string sql)
    {
        if (!Mentions(sql, "savepoint") && !Mentions(sql, "rollback") && !Mentions(sql, "release"))
            return;

        var lexer = new SqlLexer(sql);
        while (ReadToken(ref lexer))
        {
            if (lexer.Is("savepoint") && ReadToken(ref lexer))
                session.Savepoints.Created(NameOf(lexer), session.CommitSteps);
            else if (lexer.Is("release") && ReadName(ref lexer))
                session.Savepoints.Released(NameOf(lexer));
            else if (lexer.Is("rollback") && ReadTo(ref lexer) && ReadName(ref lexer))
                session.Savepoints.RolledBack(NameOf(lexer), session.CommitSteps);

            while (!lexer.Is(';') && ReadToken(ref lexer))
            {
                // To the end of the statement.
            }
        }
    }

    private static bool Mentions(string sql, string word) => sql.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static bool ReadToken(ref SqlLexer lexer)
    {
        while (lexer.Read())
        {
            if (lexer.Kind != SqlTokenKind.Comment)
                return true;
        }

        return false;
    }

    private static bool ReadTo(ref SqlLexer lexer)
    {
        while (!lexer.Is(';') && ReadToken(ref lexer))
        {
            if (lexer.Is("to"))
                return true;
        }

        return false;
    }

    /// <summary>Goes to the name behind the optional word SAVEPOINT.</summary>
    private static bool ReadName(ref SqlLexer lexer) => ReadToken(ref lexer) && (!lexer.Is("savepoint") || ReadToken(ref lexer));

    private static string NameOf(SqlLexer lexer) => lexer.Kind == SqlTokenKind.QuotedName
        ? lexer.Text[1..^1].ToString().Replace("\"\"", "\"", StringComparison.Ordinal)
        : lexer.Text.ToString();
}
