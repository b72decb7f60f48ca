using System.Reflection;

namespace Data.Cache.Tests.Redis;

/// <summary>
/// The package is compiled against the lowest supported client and runs on newer ones, which must have all members that it uses.
/// </summary>
public sealed class ClientCompatibilityTests
{
    private static readonly string Compiled = typeof(DataCache).Assembly.Location;

    [Theory]
    [InlineData("2.13.23", "net10.0")]
    [InlineData("2.13.23", "netstandard2.0")]
    [InlineData("3.4.35", "net10.0")]
    [InlineData("3.4.35", "netstandard2.0")]
    public void References_AgainstClient_AllResolve(string version, string framework)
    {
        var root = typeof(ClientCompatibilityTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "NuGetPackageRoot")
            .Value!;
        var client = Path.Combine(root, "stackexchange.redis", version, "lib", framework, "StackExchange.Redis.dll");
        var needed = ClientMembers.ReferredTo(Compiled, "StackExchange.Redis");
        needed.Count.ShouldBeGreaterThan(20, "the reader found too little to prove anything");

        needed.Except(ClientMembers.Offered(client)).ShouldBeEmpty();
    }

    [Fact]
    public void Offered_MemberThatIsNotThere_IsMissed()
    {
        var offered = ClientMembers.Offered(typeof(DataCache).Assembly.Location);
        offered.ShouldContain(member => member.StartsWith("Data.Cache.KeyPattern::Prefix", StringComparison.Ordinal));
        offered.ShouldNotContain("Data.Cache.KeyPattern::Prefix`0(Int32):Data.Cache.KeyPattern");
    }
}
