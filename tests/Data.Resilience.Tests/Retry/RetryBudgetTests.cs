using Data.Resilience.Retry;

namespace Data.Resilience.Tests.Retry;

public sealed class RetryBudgetTests
{
    [Fact]
    public void AllowsRetry_EveryCallFails_LoadStaysWithinAFewPercentOfTheCalls()
    {
        var budget = new RetryBudget(100, 0.1);
        var attempts = 0;
        for (var call = 0; call < 1000; call++)
        {
            for (var retry = 0; ; retry++)
            {
                attempts++;
                budget.OnFailure(1);
                if (retry == 8 || !budget.AllowsRetry)
                    break;
            }
        }

        attempts.ShouldBeInRange(1001, 1100);
    }

    [Fact]
    public void AllowsRetry_BelowHalf_TurnsTrueAgainAfterEnoughSuccesses()
    {
        var budget = new RetryBudget(10, 0.5);
        for (var failure = 0; failure < 10; failure++)
            budget.OnFailure(1);
        budget.AllowsRetry.ShouldBeFalse();

        for (var success = 0; success < 10; success++)
            budget.OnSuccess();
        budget.AllowsRetry.ShouldBeFalse();
        budget.OnSuccess();
        budget.AllowsRetry.ShouldBeTrue();
    }

    [Fact]
    public void OnSuccess_FullBucket_StaysAtItsCapacity()
    {
        var budget = new RetryBudget(5, 1);
        budget.OnSuccess();
        budget.Tokens.ShouldBe(5);
    }

    [Fact]
    public void OnFailure_ManyThreads_LosesNoToken()
    {
        var budget = new RetryBudget(100_000, 0.1);
        Parallel.For(0, 8, _ =>
        {
            for (var failure = 0; failure < 1000; failure++)
                budget.OnFailure(1);
        });

        budget.Tokens.ShouldBe(92_000);
    }

    [Fact]
    public void AllowsRetry_ZeroCapacity_MeansNoBudget()
    {
        var budget = new RetryBudget(0, 0.1);
        budget.OnFailure(5);
        budget.AllowsRetry.ShouldBeTrue();
    }
}
