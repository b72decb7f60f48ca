using System.Transactions;

namespace Data.Resilience.Sessions;

/// <summary>Sessions and <see cref="TransactionScope"/> exclude each other.</summary>
internal static class TransactionScopes
{
    /// <summary>Throws inside a scope: a session would neither be committed nor rolled back with it.</summary>
    public static void Refuse()
    {
        if (Transaction.Current is not null)
            throw Refusal();
    }

    private static InvalidOperationException Refusal() =>
        new("A session was used inside a TransactionScope, whose transaction it cannot be part of: a session commits its own, and would be "
            + "neither committed nor rolled back with the scope. Remove the TransactionScope, and put what belongs together into one "
            + "WriteAsync. To run a session outside of the scope's transaction, open it inside new "
            + "TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled).");
}
