using Data.Resilience.Tenancy;

namespace Data.Resilience.Tests.Tenancy;

public sealed class TenantScopeTests
{
    [Fact]
    public async Task Begin_Nested_FlowsInwardsAndEnds()
    {
        TenantScope.Current.ShouldBeNull();
        using (TenantScope.Begin("outer"))
        {
            await Task.Run(() => TenantScope.Current.ShouldBe("outer"));
            using (TenantScope.Begin("inner"))
                TenantScope.Current.ShouldBe("inner");
            using (TenantScope.Suppress())
                TenantScope.Current.ShouldBeNull();
            TenantScope.Current.ShouldBe("outer");
        }

        TenantScope.Current.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public void Begin_BadId_IsRefused(string id) => Should.Throw<ArgumentException>(() => TenantScope.Begin(id));
}
