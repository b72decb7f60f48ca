using Data.Resilience.Interceptors;

namespace Data.Resilience.Tests.Interceptors;

public sealed class ReadOnlySqlTests
{
    [Theory]
    [InlineData("INSERT INTO t VALUES (1)")]
    [InlineData("  insert into t values (1)")]
    [InlineData("-- a tag\nUPDATE t SET a = 1")]
    [InlineData("/* a /* nested */ comment */ DELETE FROM t")]
    [InlineData("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE")]
    [InlineData("SELECT 1; DELETE FROM t")]
    [InlineData("SELECT ';'; DELETE FROM t;")]
    [InlineData("BEGIN; INSERT INTO t VALUES (1); COMMIT")]
    [InlineData("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone")]
    [InlineData("WITH gone AS MATERIALIZED ( -- all\nDELETE FROM t RETURNING *) SELECT * FROM gone")]
    [InlineData("WITH done AS (UPDATE ONLY \"t\" SET a = 1 RETURNING *) SELECT * FROM done")]
    [InlineData("WITH s AS (SELECT 1) UPDATE t SET a = 1")]
    [InlineData("WITH s AS (SELECT 1) DELETE FROM t")]
    [InlineData("WITH s AS (SELECT 1) INSERT INTO t SELECT * FROM s")]
    [InlineData("SELECT * INTO copy FROM t")]
    [InlineData("select\"a\"into\"copy\"from\"t\"")]
    [InlineData("SELECT * FROM t FOR UPDATE")]
    [InlineData("SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED")]
    [InlineData("SELECT * FROM t FOR KEY SHARE")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM t")]
    [InlineData("EXPLAIN (ANALYZE, FORMAT JSON) UPDATE t SET a = 1")]
    [InlineData("EXPLAIN ANALYZE WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x")]
    [InlineData("CREATE TEMP TABLE t (id int)")]
    [InlineData("TRUNCATE t")]
    [InlineData("CALL pay(1)")]
    [InlineData("DO $$ BEGIN DELETE FROM t; END $$")]
    [InlineData("EXECUTE prepared(1)")]
    [InlineData("COPY t FROM STDIN")]
    [InlineData("REFRESH MATERIALIZED VIEW v")]
    [InlineData("NOTIFY channel")]
    [InlineData("\"select\"")]
    [InlineData("nonsense")]
    public void MayWrite_Write_IsSeen(string sql) => ReadOnlySql.MayWrite(sql).ShouldBeTrue();

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("")]
    [InlineData("-- a tag\n\nSELECT p.\"CreatedAt\", p.\"UpdatedAt\", p.deleted FROM products p WHERE p.inserted_by = 1;")]
    [InlineData("SELECT \"update\", \"into\" FROM \"delete\"")]
    [InlineData("SELECT 'DELETE FROM t; INSERT INTO t', $$ UPDATE t SET a = 1 $$ -- INSERT INTO t")]
    [InlineData("SELECT delete FROM audit")]
    [InlineData("SELECT count(*), (update), coalesce(delete, 1) FROM audit ORDER BY update")]
    [InlineData("(SELECT 1) UNION (SELECT 2)")]
    [InlineData("WITH x AS (SELECT 1) SELECT * FROM x")]
    [InlineData("VALUES (1), (2)")]
    [InlineData("TABLE t")]
    [InlineData("EXPLAIN DELETE FROM t")]
    [InlineData("EXPLAIN (COSTS OFF) INSERT INTO t VALUES (1)")]
    [InlineData("EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t")]
    [InlineData("SET LOCAL statement_timeout = 1; SELECT 1")]
    [InlineData("BEGIN READ ONLY; DECLARE c CURSOR FOR SELECT 1; FETCH 10 FROM c; COMMIT")]
    [InlineData("SHOW server_version")]
    [InlineData("VACUUM ANALYZE t")]
    [InlineData("LISTEN channel")]
    [InlineData("SELECT substring(name FOR 3) FROM t")]
    public void MayWrite_Read_Passes(string sql) => ReadOnlySql.MayWrite(sql).ShouldBeFalse();

    [Fact]
    public void MayWrite_AnyText_Ends()
    {
        var random = new Random(7);
        string[] pieces =
            ["select ", "with ", "(", ")", "update ", "delete ", "from ", "'", "\"", "$$", "--", "\n", ";", "into ", "/*", "*/", "e'\\"];
        for (var round = 0; round < 20_000; round++)
            ReadOnlySql.MayWrite(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)])));
    }
}
