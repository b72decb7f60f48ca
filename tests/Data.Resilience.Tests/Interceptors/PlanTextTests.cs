using Data.Resilience.Interceptors;

namespace Data.Resilience.Tests.Interceptors;

public sealed class PlanTextTests
{
    [Fact]
    public void WithoutValues_Conditions_AreMaskedAndMeasuresStay()
    {
        var plan = PlanText.WithoutValues(
            """
            Index Scan using ix_2 on orders_1  (cost=0.42..8.44 rows=1 width=4)
              Index Cond: ((id = 42) AND (name = 'bob''s'::text))
              Filter: (total > 12.5)
              Rows Removed by Filter: 17
            Planning Time: 0.5 ms
            """);

        plan.ShouldContain("cost=0.42..8.44 rows=1");
        plan.ShouldContain("ix_2 on orders_1");
        plan.ShouldContain("(id = ?) AND (name = ?::text)");
        plan.ShouldContain("(total > ?)");
        plan.ShouldContain("Rows Removed by Filter: 17");
        plan.ShouldNotContain("bob");
    }

    [Theory]
    [InlineData("SELECT * FROM t", true)]
    [InlineData("WITH x AS (SELECT ?) SELECT * FROM x", true)]
    [InlineData("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", false)]
    [InlineData("SELECT * FROM t FOR UPDATE", false)]
    [InlineData("INSERT INTO t SELECT ?", false)]
    [InlineData("UPDATE t SET a = ?", false)]
    public void OnlyReads_Statement_IsTold(string fingerprint, bool reads) => PlanCapture.OnlyReads(fingerprint).ShouldBe(reads);
}
