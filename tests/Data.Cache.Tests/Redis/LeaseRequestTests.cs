using Data.Cache.Redis;

namespace Data.Cache.Tests.Redis;

/// <summary>A granted lease is used by the caller or given back by exactly one side, whichever comes last.</summary>
public sealed class LeaseRequestTests
{
    private readonly LeaseRequest _request = new();

    [Fact]
    public void TryAnswer_CallerWaits_IsTaken() => _request.TryAnswer(5).ShouldBeTrue();

    [Fact]
    public void TryAnswer_CallerHasLeft_IsToBeGivenBack()
    {
        _request.Abandon().ShouldBe(0);
        _request.TryAnswer(5).ShouldBeFalse();
    }

    [Fact]
    public void TryAnswer_CallerHasLeftAndNothingWasGranted_LeavesNothingToGiveBack()
    {
        _request.Abandon().ShouldBe(0);
        _request.TryAnswer(0).ShouldBeTrue();
    }

    [Fact]
    public void Abandon_AnswerWasThere_ReturnsTheLease()
    {
        _request.TryAnswer(5).ShouldBeTrue();
        _request.Abandon().ShouldBe(5);
    }

    [Fact]
    public void Abandon_NothingWasGranted_ReturnsNone()
    {
        _request.TryAnswer(0).ShouldBeTrue();
        _request.Abandon().ShouldBe(0);
    }
}
