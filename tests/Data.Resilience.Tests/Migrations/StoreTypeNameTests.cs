using Data.Resilience.Migrations;

namespace Data.Resilience.Tests.Migrations;

public sealed class StoreTypeNameTests
{
    [Theory]
    [InlineData("int", "integer")]
    [InlineData("INT8", "bigint")]
    [InlineData("varchar(20)", "character varying(20)")]
    [InlineData("varchar(20)[]", "character varying(20)[]")]
    [InlineData("timestamptz", "timestamp with time zone")]
    [InlineData("timestamptz(3)", "timestamp(3) with time zone")]
    [InlineData("timestamp(3) with time zone", "timestamp(3) with time zone")]
    [InlineData("decimal(10, 2)", "numeric(10,2)")]
    [InlineData("numeric(10)", "numeric(10,0)")]
    [InlineData("char", "character(1)")]
    [InlineData("double precision", "double precision")]
    [InlineData("jsonb", "jsonb")]
    [InlineData("text[]", "text[]")]
    public void Canonical_Alias_IsWrittenAsPostgresDoes(string storeType, string expected) =>
        StoreTypeName.Canonical(storeType).ShouldBe(expected);
}
