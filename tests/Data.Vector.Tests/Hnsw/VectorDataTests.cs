using Data.Benchmarks.Vector;

namespace Data.Vector.Tests.Hnsw;

public sealed class VectorDataTests
{
    [Theory]
    [InlineData("lat", 0xae3fdbd489538e72ul, 0x8afda52e127868bcul)]
    [InlineData("iso", 0x2ab0be1f1e9ce1c3ul, 0xf2db292f749ba963ul)]
    public void Base_HundredThousandBy128_HasThePublishedChecksum(string kind, ulong expectedBase, ulong expectedQueries)
    {
        var data = new VectorData(kind, 128, seed: 42);
        VectorData.Checksum(data.Base(100_000)).ShouldBe(expectedBase);
        VectorData.Checksum(data.Queries(1_000)).ShouldBe(expectedQueries);
    }
}
