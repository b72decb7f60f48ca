namespace ConfigurationService.Persistence;

/// <summary>
/// A change left no history, or another one than it should have. Thrown inside the transaction, so that the change is rolled back.
/// </summary>
internal sealed class HistoryMissingException(string subject)
    : Exception($"The history of {subject} does not hold the change that was just made; a trigger is disabled or missing.");
