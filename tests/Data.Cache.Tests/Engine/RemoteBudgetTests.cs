using Data.Cache.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Engine;

public sealed class RemoteBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Left_StepsAndPauses_CountsTheStepsAlone()
    {
        var budget = Create(TimeSpan.Zero);
        await StepAsync(budget, 100);
        _time.Advance(TimeSpan.FromHours(1));
        budget.Left.ShouldBe(TimeSpan.FromMilliseconds(150));
        await StepAsync(budget, 149);
        budget.IsSpent.ShouldBeFalse();
        await StepAsync(budget, 1);
        budget.IsSpent.ShouldBeTrue();
    }

    [Fact]
    public async Task Left_StepLongerThanTheBudget_IsZero()
    {
        var budget = Create(TimeSpan.Zero);
        await StepAsync(budget, 400);
        budget.Left.ShouldBe(TimeSpan.Zero);
        budget.IsSpent.ShouldBeTrue();
    }

    [Fact]
    public void Left_CallerHasWaitedBefore_IsTheRest()
    {
        Create(TimeSpan.FromMilliseconds(200)).Left.ShouldBe(TimeSpan.FromMilliseconds(50));
        Create(TimeSpan.FromMilliseconds(250)).IsSpent.ShouldBeTrue();
    }

    private RemoteBudget Create(TimeSpan spent) => new(TimeSpan.FromMilliseconds(250), spent, _time);

    private async Task StepAsync(RemoteBudget budget, int milliseconds)
    {
        var answer = new TaskCompletionSource<int>();
        var step = budget.SpendAsync(new ValueTask<int>(answer.Task)).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        answer.SetResult(1);
        (await step).ShouldBe(1);
    }
}
