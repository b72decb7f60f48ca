namespace Data.Vector;

/// <summary>One point of a recall curve.</summary>
/// <param name="EfSearch">The number of candidates kept during the search.</param>
/// <param name="Recall">The share of the true nearest neighbours that was found, from 0 to 1.</param>
public readonly record struct RecallPoint(int EfSearch, double Recall);
