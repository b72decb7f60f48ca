using Data.Vector.PgVector;

namespace Data.Vector.Tests.PgVector;

public sealed class PgExtensionTests
{
    [Theory]
    [InlineData("0.8.7", true)]
    [InlineData("0.10.0-beta", true)]
    [InlineData("0.7.4", false)]
    public void From_Version_TellsWhetherScansGoOn(string version, bool iterative)
    {
        PgExtension.From("public", version).ScansIteratively.ShouldBe(iterative);
        Should.Throw<VectorStoreProtocolException>(() => PgExtension.From("public", "0.6.2")).Message.ShouldContain("0.6.2");
    }
}
