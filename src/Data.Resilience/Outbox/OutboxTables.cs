using Data.Resilience.Internal;

namespace Data.Resilience.Outbox;

/// <summary>The quoted names of an outbox's tables, and the name of its channel.</summary>
internal sealed class OutboxTables(string name, string? schema)
{
    public string Name => name;

    public string Messages { get; } = QuotedName.Of(name + "_messages", schema);

    /// <summary>One row per lane; whoever locks it hands over the lane's messages.</summary>
    public string Lanes { get; } = QuotedName.Of(name + "_lanes", schema);

    public string DeadLetters { get; } = QuotedName.Of(name + "_dead_letters", schema);

    /// <summary>
    /// Channel of the notifications. Channels belong to the database: outboxes of several schemas wake each other, no harm done.
    /// </summary>
    public string ChannelName { get; } = "data_" + name;

    /// <summary>Whether a name can be that of an outbox: part of tables' and channels' names, which hold 63 bytes.</summary>
    public static bool IsLegal(string? name) =>
        name is { Length: >= 1 and <= 40 } && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
