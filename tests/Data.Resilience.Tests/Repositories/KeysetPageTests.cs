using Data.Resilience.Repositories;

namespace Data.Resilience.Tests.Repositories;

public sealed class KeysetPageTests(ShopFixture shop) : IClassFixture<ShopFixture>, IAsyncLifetime
{
    private const int RowCount = 97;
    private string _tag = "";

    public async ValueTask InitializeAsync()
    {
        _tag = Guid.NewGuid().ToString("N");
        var random = new Random(11);
        await shop.WriteAsync<Product, long, long>((r, ct) => r.BulkInsertAsync(
            Enumerable.Range(0, RowCount).Select(i => new Product
            {
                Code = $"{_tag}-{i:000}",
                Rank = random.Next(4) == 0 ? null : random.Next(6),
                Note = random.Next(3) == 0 ? null : ((char)('a' + random.Next(4))).ToString(),
                Stock = random.Next(5),
                Grade = (Grade)random.Next(3),
            }),
            cancellationToken: ct));
    }

    public ValueTask DisposeAsync() => default;

    public static TheoryData<string> Orders => [.. OrderBuilders.Keys];

    private static readonly Dictionary<string, Func<Specification<Product>, Specification<Product>>> OrderBuilders = new()
    {
        ["key only"] = s => s,
        ["one column"] = s => s.OrderBy(p => p.Stock),
        ["uniform ascending"] = s => s.OrderBy(p => p.Stock).OrderBy(p => p.Code),
        ["uniform descending"] = s => s.OrderByDescending(p => p.Stock).OrderByDescending(p => p.Id),
        ["mixed"] = s => s.OrderBy(p => p.Stock).OrderByDescending(p => p.Code),
        ["nullable ascending"] = s => s.OrderBy(p => p.Rank).OrderByDescending(p => p.Id),
        ["nullable descending"] = s => s.OrderByDescending(p => p.Rank).OrderBy(p => p.Id),
        ["two nullable, mixed"] = s => s.OrderByDescending(p => p.Note).OrderBy(p => p.Rank),
        ["nested column"] = s => s.OrderBy(p => p.Price.Amount).OrderBy(p => p.CreatedAt),
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task PageAsync_WalkForwardAndBack_VisitsEveryRowOnceInOrder(string order)
    {
        var specification = OrderBuilders[order](Specification.For<Product>().Where(p => p.Code.StartsWith(_tag)));
        var expected = (await shop.ReadAsync<Product, long, OffsetPage<Product>>((r, ct) => r.PageAsync(specification, 1, 1000, ct)))
            .Items.Select(p => p.Id).ToList();
        expected.Count.ShouldBe(RowCount);

        var pages = new List<KeysetPage<Product>>();
        string? cursor = null;
        do
        {
            pages.Add(await Page(specification, cursor));
            cursor = pages[^1].Next;
        }
        while (cursor is not null);

        pages.SelectMany(p => p.Items).Select(p => p.Id).ShouldBe(expected);
        pages[0].Previous.ShouldBeNull();

        var back = new List<KeysetPage<Product>>();
        for (cursor = pages[^1].Previous; cursor is not null; cursor = back[^1].Previous)
            back.Add(await Page(specification, cursor));
        back.AsEnumerable().Reverse().SelectMany(p => p.Items).Select(p => p.Id)
            .ShouldBe(expected.Take(expected.Count - pages[^1].Items.Count));
    }

    [Fact]
    public async Task PageAsync_Projection_NeedsNoKeyInIt()
    {
        var specification = Specification.For<Product>().Where(p => p.Code.StartsWith(_tag)).OrderByDescending(p => p.Code)
            .Select(p => p.Code);

        var first = await shop.ReadAsync<Product, long, KeysetPage<string>>((r, ct) => r.PageAsync(specification, 10, null, ct));
        var second = await shop.ReadAsync<Product, long, KeysetPage<string>>((r, ct) => r.PageAsync(specification, 10, first.Next, ct));

        first.Items[0].ShouldEndWith("-096");
        second.Items[0].ShouldEndWith("-086");
        second.Previous.ShouldNotBeNull();
    }

    [Fact]
    public async Task PageAsync_RowsInsertedBehindTheCursor_AreNeitherSkippedNorRepeated()
    {
        var specification = Specification.For<Product>().Where(p => p.Code.StartsWith(_tag)).OrderBy(p => p.Code);
        var first = await Page(specification, cursor: null);
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(new Product { Code = _tag + "-!", Stock = 0 }, ct);
            return 0;
        });

        var second = await Page(specification, first.Next);

        second.Items[0].Code.ShouldEndWith("-010");
    }

    [Fact]
    public async Task PageAsync_AlteredOrForeignCursor_IsRefused()
    {
        var specification = Specification.For<Product>().OrderBy(p => p.Code);
        var cursor = (await Page(specification, cursor: null)).Next!;
        var altered = (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];

        await Should.ThrowAsync<InvalidCursorException>(() => Page(specification, altered));
        await Should.ThrowAsync<InvalidCursorException>(() => Page(specification, "not a cursor"));
        await Should.ThrowAsync<InvalidCursorException>(() => Page(specification, ""));
        await Should.ThrowAsync<InvalidCursorException>(() => Page(Specification.For<Product>().OrderByDescending(p => p.Code), cursor));
    }

    [Fact]
    public async Task PageAsync_OrderByExpression_IsRefusedWithAdvice()
    {
        var error = await Should.ThrowAsync<NotSupportedException>(
            () => Page(Specification.For<Product>().OrderBy(p => p.Code.Length), cursor: null));
        error.Message.ShouldContain("o => o.PlacedAt");
    }

    private Task<KeysetPage<Product>> Page(Specification<Product> specification, string? cursor) =>
        shop.ReadAsync<Product, long, KeysetPage<Product>>((r, ct) => r.PageAsync(specification, 10, cursor, ct));
}
