using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Tells statements that may be repeated at any point from those that may not.</summary>
internal static class StatementKind
{
    private static readonly string[] Reads = ["SELECT", "VALUES", "TABLE", "SHOW"];

    /// <summary>Whether a statement reads only. What cannot be told counts as a write.</summary>
    /// <param name="source">What it comes from.</param>
    /// <param name="text">Its text, which EF may have preceded by tags.</param>
    public static bool IsRead(CommandSource source, string text) => source switch
    {
        CommandSource.LinqQuery or CommandSource.ValueGenerator or CommandSource.Scaffolding => true,
        CommandSource.SaveChanges or CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete or CommandSource.ExecuteSqlRaw => false,
        _ => StartsAsRead(text.AsSpan().TrimStart()),
    };

    private static bool StartsAsRead(ReadOnlySpan<char> text)
    {
        while (text.StartsWith("--", StringComparison.Ordinal))
        {
            var end = text.IndexOf('\n');
            text = end < 0 ? [] : text[(end + 1)..].TrimStart();
        }

        foreach (var word in Reads)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
