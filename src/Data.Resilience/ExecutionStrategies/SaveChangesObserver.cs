using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Lets SaveChanges of a single statement run in a transaction, and notes that it is running.</summary>
/// <remarks>Without state; one instance serves all contexts.</remarks>
internal sealed class SaveChangesObserver : ISaveChangesInterceptor
{
    public static readonly SaveChangesObserver Instance = new();

    private SaveChangesObserver()
    {
    }

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Begin(eventData.Context);
        return result;
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Begin(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        End(eventData.Context, isSaved: true);
        return result;
    }

    public ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        End(eventData.Context, isSaved: true);
        return ValueTask.FromResult(result);
    }

    public void SaveChangesFailed(DbContextErrorEventData eventData) => End(eventData.Context, isSaved: false);

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        End(eventData.Context, isSaved: false);
        return Task.CompletedTask;
    }

    public void SaveChangesCanceled(DbContextEventData eventData) => End(eventData.Context, isSaved: false);

    public Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        End(eventData.Context, isSaved: false);
        return Task.CompletedTask;
    }

    private static void Begin(DbContext? context)
    {
        if (context is null || StrategyAttempt.IsInSession(context) || ResilientExecutionStrategy.Of(context) is not { } strategy)
            return;

        strategy.IsSaving = true;
        if (context.Database.AutoTransactionBehavior == AutoTransactionBehavior.WhenNeeded
            && strategy.FindServices().VerifySingleStatements)
        {
            context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        }
    }

    private static void End(DbContext? context, bool isSaved)
    {
        if (ResilientExecutionStrategy.Of(context) is not { IsSaving: true } strategy)
            return;

        strategy.IsSaving = false;
        if (isSaved)
            StrategyAttempt.Of(context)?.Settle();
    }
}
