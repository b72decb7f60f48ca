namespace Data.Resilience.Inbox;

/// <summary>Settings of one context's inbox.</summary>
public sealed class InboxOptions
{
    /// <summary>Schema of the inbox's table, as given to <c>CreateInbox</c>. Default: null (found by the search path).</summary>
    public string? Schema { get; set; }

    /// <summary>Name of the table, as given to <c>CreateInbox</c>. Default: "inbox_messages". Range: 1–63 characters.</summary>
    public string Table { get; set; } = "inbox_messages";

    /// <summary>
    /// Time for which a message is remembered. Must be longer than a broker can take to deliver it again. Default: 7 days. Range: 1 s–10
    /// years.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Time between two removals of old messages while the host runs; null means that this process removes none. Default: 10 min. Range: 1
    /// s–24 h.
    /// </summary>
    public TimeSpan? CleanUpInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Number of messages removed by one statement. Default: 5,000. Range: 1–100,000.</summary>
    public int CleanUpBatchSize { get; set; } = 5_000;
}
