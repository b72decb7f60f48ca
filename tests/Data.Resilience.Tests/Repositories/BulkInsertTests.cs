using Data.Resilience.Repositories;

namespace Data.Resilience.Tests.Repositories;

public sealed class BulkInsertTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Fact]
    public async Task BulkInsertAsync_AndUpsert_CountInTheQueryTable()
    {
        shop.Monitor.Reset();
        await shop.WriteAsync<Slot, (int, string), long>((r, ct) => r.BulkInsertAsync(
            [new Slot { Room = 900, Day = "Monday" }, new Slot { Room = 901, Day = "Monday" }], cancellationToken: ct));
        await shop.WriteAsync<Slot, (int, string), UpsertResult>(
            (r, ct) => r.UpsertAsync([new Slot { Room = 900, Day = "Monday", Guest = "Ada" }], cancellationToken: ct));

        var rows = shop.Monitor.Top(100);
        rows.Single(q => q.Fingerprint.Text.StartsWith("COPY", StringComparison.OrdinalIgnoreCase)).RowCount.ShouldBe(2);
        rows.Single(q => q.Fingerprint.Text.Contains("ON CONFLICT", StringComparison.OrdinalIgnoreCase)).RowCount.ShouldBe(1);
    }

    [Fact]
    public async Task BulkInsertAsync_AllKindsOfColumns_ReadBackEqual()
    {
        var tag = Guid.NewGuid().ToString("N");
        var product = new Product
        {
            Code = tag,
            Note = null,
            Rank = 3,
            Grade = Grade.High,
            Second = Grade.Middle,
            Price = new Price { Amount = 12.34m, Currency = "CHF" },
            Labels = ["a", "b"],
            Stock = 11,
        };

        var count = await shop.WriteAsync<Product, long, long>(
            (r, ct) => r.BulkInsertAsync([product, new Product { Code = tag + "2", Stock = 1 }], cancellationToken: ct));

        count.ShouldBe(2);
        product.Id.ShouldBe(0);
        var found = await Find(tag);
        (found.Note, found.Rank, found.Grade, found.Second, found.Stock).ShouldBe((null, 3, Grade.High, Grade.Middle, 11));
        (found.Price.Amount, found.Price.Currency).ShouldBe((12.34m, "CHF"));
        found.Labels.ShouldBe(["a", "b"]);
        found.CreatedAt.ShouldBe(shop.Time.Now);
        (await Find(tag + "2")).Second.ShouldBeNull();
    }

    [Fact]
    public async Task BulkInsertAsync_ReturnKeys_SetsTheKeysOfTheRows()
    {
        var tag = Guid.NewGuid().ToString("N");
        var products = Enumerable.Range(0, 25).Select(i => new Product { Code = $"{tag}{i}", Stock = i }).ToList();
        var progress = new List<long>();

        await shop.WriteAsync<Product, long, long>((r, ct) => r.BulkInsertAsync(
            products, new BulkInsertOptions { ReturnKeys = true, BatchSize = 10, Progress = progress.Add }, ct));

        progress.ShouldBe([10, 20, 25]);
        foreach (var product in products)
            (await shop.ReadAsync<Product, long, Product>((r, ct) => r.GetAsync(product.Id, ct))).Code.ShouldBe(product.Code);
    }

    [Fact]
    public async Task BulkInsertAsync_SomeValuesLeftToTheDatabase_TakesItsDefaults()
    {
        var tag = Guid.NewGuid().ToString("N");
        await shop.WriteAsync<Product, long, long>((r, ct) => r.BulkInsertAsync(
            [new Product { Code = tag + "a" }, new Product { Code = tag + "b", Stock = 0 }, new Product {
                Code = tag + "c" }], cancellationToken: ct));

        (await Find(tag + "a")).Stock.ShouldBe(5);
        (await Find(tag + "b")).Stock.ShouldBe(0);
        (await Find(tag + "c")).Stock.ShouldBe(5);
    }

    [Fact]
    public async Task BulkInsertAsync_GuidKeys_AreMadeUp()
    {
        var product = new Product { Code = Guid.NewGuid().ToString("N"), Stock = 1 };
        await shop.WriteAsync<Product, long, long>(
            (r, ct) => r.BulkInsertAsync([product], new BulkInsertOptions { ReturnKeys = true }, ct));
        var review = new Review { ProductId = product.Id, Stars = 2 };

        await shop.WriteAsync<Review, Guid, long>((r, ct) => r.BulkInsertAsync([review], cancellationToken: ct));

        review.Id.ShouldNotBe(Guid.Empty);
        (await shop.ReadAsync<Review, Guid, Review>((r, ct) => r.GetAsync(review.Id, ct))).Stars.ShouldBe(2);
    }

    [Fact]
    public async Task BulkInsertAsync_DuplicateInALaterBatch_LeavesNothing()
    {
        var tag = Guid.NewGuid().ToString("N");
        var products = Enumerable.Range(0, 30).Select(i => new Product { Code = $"{tag}{(i == 29 ? 0 : i)}", Stock = i });

        var error = await Should.ThrowAsync<DuplicateKeyException>(() =>
            shop.WriteAsync<Product, long, long>((r, ct) => r.BulkInsertAsync(products, new BulkInsertOptions { BatchSize = 10 }, ct)));

        error.ConstraintName.ShouldBe("ux_code");
        (await shop.ReadAsync<Product, long, long>(
            (r, ct) => r.CountAsync(Specification.For<Product>().Where(p => p.Code.StartsWith(tag)), ct))).ShouldBe(0);
    }

    [Fact]
    public async Task BulkInsertAsync_AsynchronousSource_IsReadInBatches()
    {
        var tag = Guid.NewGuid().ToString("N");

        var count = await shop.WriteAsync<Product, long, long>(
            (r, ct) => r.BulkInsertAsync(Produce(), new BulkInsertOptions { BatchSize = 7 }, ct));

        count.ShouldBe(20);

        async IAsyncEnumerable<Product> Produce()
        {
            for (var i = 0; i < 20; i++)
            {
                await Task.Yield();
                yield return new Product { Code = tag + i, Stock = i };
            }
        }
    }

    private async Task<Product> Find(string code) =>
        (await shop.ReadAsync<Product, long, Product?>(
            (r, ct) => r.FirstOrDefaultAsync(Specification.For<Product>().Where(p => p.Code == code), ct)))!;
}
