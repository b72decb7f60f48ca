namespace ConfigurationService.Changes;

/// <summary>Something in memory that was read from a table, and is dropped when the table changes.</summary>
internal interface IChangeListener
{
    /// <summary>The table.</summary>
    string Table { get; }

    /// <summary>Drops what was read of one scope.</summary>
    ValueTask DropAsync(string scope);
}
