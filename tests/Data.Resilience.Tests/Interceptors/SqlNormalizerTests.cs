using Data.Resilience.Interceptors;

namespace Data.Resilience.Tests.Interceptors;

public sealed class SqlNormalizerTests
{
    [Theory]
    [InlineData("SELECT 1", "SELECT ?")]
    [InlineData("select  *\n from t where a='it''s' and b = 1.5e-3", "select * from t where a=? and b = ?")]
    [InlineData("SELECT * FROM t WHERE id IN (1, 2,3 , 4)", "SELECT * FROM t WHERE id IN (?)")]
    [InlineData("SELECT * FROM t WHERE id IN (@a, @b)", "SELECT * FROM t WHERE id IN (?)")]
    [InlineData("INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4),($5,$6);", "INSERT INTO t (a, b) VALUES (?)")]
    [InlineData("SELECT E'a\\'b', U&'x', B'01', x'ff', $$it's$$, $q$ $$ $q$ FROM t", "SELECT ?, U&? FROM t")]
    [InlineData(
        "SELECT \"we\"\"ird 1\", a1, t2.c3 FROM t_4 -- note\n/* a /* nested */ b */ WHERE x::int = -5",
        "SELECT \"we\"\"ird 1\", a1, t2.c3 FROM t_4 WHERE x::int = ?")]
    [InlineData("SELECT a - 1, a -1, f(-2) FROM t", "SELECT a - ?, a -?, f(?) FROM t")]
    [InlineData("SELECT j->>'k', a[1], tags @> ARRAY['x','y'] FROM t", "SELECT j->>?, a[?], tags @> ARRAY[?] FROM t")]
    [InlineData("SELECT 'unterminated", "SELECT ?")]
    [InlineData("", "")]
    public void Normalize_Sql_HasNoValues(string sql, string expected) => SqlNormalizer.Normalize(sql).Text.ShouldBe(expected);

    [Fact]
    public void Normalize_LeadingComments_AreTags()
    {
        var (text, tags) = SqlNormalizer.Normalize("-- recent-orders\n-- second\n\nSELECT 1 -- not a tag");

        tags.ShouldBe(["recent-orders", "second"]);
        text.ShouldBe("SELECT ?");
    }

    [Fact]
    public void Normalize_AnyText_EndsWithoutValues()
    {
        // Fuzz: whatever the lexer meets, it must end, and a quoted secret must not come through.
        var random = new Random(5);
        const string Alphabet = "ab1'\"$@:-/*(),. \n\\;E";
        for (var round = 0; round < 20_000; round++)
        {
            var noise = new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            SqlNormalizer.Normalize(noise);
            if (!noise.Any(c => c is '\'' or '"' or '$' or '/' or '\\' or '-'))
                SqlNormalizer.Normalize(noise + " 'secret'").Text.ShouldNotContain("secret");
        }
    }

    [Fact]
    public void Fingerprint_SameShape_IsEqualWithStableId()
    {
        var one = QueryFingerprint.Of("SELECT * FROM t WHERE a = 1 AND b IN (1,2)");
        var two = QueryFingerprint.Of("SELECT * FROM t\nWHERE a = 22 AND b IN (3)");

        one.ShouldBe(two);
        one.Id.ShouldBe(two.Id);
        one.ShouldNotBe(QueryFingerprint.Of("SELECT * FROM t WHERE a = 1"));
    }
}
