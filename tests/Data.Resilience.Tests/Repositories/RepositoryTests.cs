using Data.Resilience.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Repositories;

public sealed class RepositoryTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private static Product New(string? code = null) => new() { Code = code ?? Guid.NewGuid().ToString("N"), Stock = 1 };

    [Fact]
    public async Task AddAsync_NewEntity_IsFoundByKeyWithTimestamps()
    {
        var product = New();
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });

        var found = await shop.ReadAsync<Product, long, Product>((r, ct) => r.GetAsync(product.Id, ct));

        found.Code.ShouldBe(product.Code);
        found.CreatedAt.ShouldBe(shop.Time.Now);
        found.UpdatedAt.ShouldBe(shop.Time.Now);
    }

    [Fact]
    public async Task FindAsync_UnknownKey_IsNullAndGetThrows()
    {
        (await shop.ReadAsync<Product, long, Product?>((r, ct) => r.FindAsync(-1, ct))).ShouldBeNull();
        await Should.ThrowAsync<EntityNotFoundException>(() => shop.ReadAsync<Product, long, Product>((r, ct) => r.GetAsync(-1, ct)));
    }

    [Fact]
    public async Task FindAsync_CompositeKey_MatchesAllParts()
    {
        await shop.WriteAsync<Slot, (int, string), int>(async (r, ct) =>
        {
            await r.AddRangeAsync([new Slot { Room = 1, Day = "mon", Guest = "a" }, new Slot { Room = 1, Day = "tue", Guest = "b" }], ct);
            return 0;
        });

        (await shop.ReadAsync<Slot, (int, string), Slot?>((r, ct) => r.FindAsync((1, "tue"), ct)))!.Guest.ShouldBe("b");
        (await shop.ReadAsync<Slot, (int, string), Slot?>((r, ct) => r.FindAsync((2, "tue"), ct))).ShouldBeNull();
    }

    [Fact]
    public async Task Repository_WrongKeyType_NamesTheRightOne()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(
            () => shop.ReadAsync<Product, int, Product?>((r, ct) => r.FindAsync(1, ct)));
        error.Message.ShouldContain("Int64 Id");
    }

    [Fact]
    public async Task AddAsync_ViolatedConstraints_ThrowTypedExceptionsWithTheConstraint()
    {
        var code = Guid.NewGuid().ToString("N");
        await Add(New(code));

        var duplicate = await Should.ThrowAsync<DuplicateKeyException>(() => Add(New(code)));
        var check = await Should.ThrowAsync<CheckViolationException>(() => Add(new Product { Code = code + "x", Stock = -1 }));
        var missing = await Should.ThrowAsync<NotNullViolationException>(() => Add(new Product { Code = null!, Stock = 1 }));
        var foreign = await Should.ThrowAsync<ForeignKeyViolationException>(() => shop.WriteAsync<Review, Guid, int>(async (r, ct) =>
        {
            await r.AddAsync(new Review { ProductId = -5 }, ct);
            return 0;
        }));

        duplicate.ConstraintName.ShouldBe("ux_code");
        duplicate.TableName.ShouldBe("products");
        duplicate.ToString().ShouldNotContain(code);
        check.ConstraintName.ShouldBe("ck_stock");
        missing.ColumnName.ShouldBe("Code");
        foreign.ConstraintName.ShouldBe("fk_review_product");

        Task<int> Add(Product product) => shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });
    }

    [Fact]
    public async Task UpdateAsync_ChangedBySomebodyElse_ConflictCarriesBothVersions()
    {
        var product = New();
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });
        await shop.WriteAsync<Product, long, int>((r, ct) =>
            r.UpdateAsync(Specification.For<Product>().Where(p => p.Id == product.Id), s => s.SetProperty(p => p.Note, "theirs"), ct));

        product.Note = "mine";
        var conflict = await Should.ThrowAsync<ConcurrencyConflictException<Product>>(() => shop.WriteAsync<Product, long, int>(
        async (r, ct) =>
        {
            await r.UpdateAsync(product, ct);
            return 0;
        }));

        conflict.Mine.Note.ShouldBe("mine");
        conflict.Theirs!.Note.ShouldBe("theirs");
        conflict.CurrentVersion.ShouldBe(conflict.Theirs.Version);
        conflict.ExpectedVersion.ShouldBe(product.Version);
        conflict.CurrentVersion.ShouldNotBe(conflict.ExpectedVersion);
    }

    [Fact]
    public async Task UpdateAsync_DeletedBySomebodyElse_ConflictHasNoTheirs()
    {
        var product = New();
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });
        (await shop.WriteAsync<Product, long, bool>((r, ct) => r.DeleteAsync(product.Id, ct))).ShouldBeTrue();

        var conflict = await Should.ThrowAsync<ConcurrencyConflictException<Product>>(() => shop.WriteAsync<Product, long, int>(
        async (r, ct) =>
        {
            await r.UpdateAsync(product, ct);
            return 0;
        }));

        conflict.Theirs.ShouldBeNull();
    }

    [Fact]
    public async Task UpdateAsync_BySpecification_SetsUpdateTimeButNotCreationTime()
    {
        var product = New();
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });
        shop.Time.Now += TimeSpan.FromHours(1);

        var changed = await shop.WriteAsync<Product, long, int>((r, ct) =>
            r.UpdateAsync(Specification.For<Product>().Where(p => p.Id == product.Id), s => s.SetProperty(p => p.Rank, 9), ct));

        changed.ShouldBe(1);
        var found = await shop.ReadAsync<Product, long, Product>((r, ct) => r.GetAsync(product.Id, ct));
        found.Rank.ShouldBe(9);
        found.UpdatedAt.ShouldBe(shop.Time.Now);
        found.CreatedAt.ShouldBe(shop.Time.Now - TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task ListAsync_IncludesInSplitQuery_LoadsRelatedEntities()
    {
        var product = New();
        product.Reviews.AddRange([new Review { Stars = 4 }, new Review { Stars = 5 }]);
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(product, ct);
            return 0;
        });
        var specification = Specification.For<Product>().Where(p => p.Id == product.Id).Include(q => q.Include(p => p.Reviews))
            .AsSplitQuery();

        var list = await shop.ReadAsync<Product, long, IReadOnlyList<Product>>((r, ct) => r.ListAsync(specification, ct));
        var stars = await shop.ReadAsync<Product, long, IReadOnlyList<int>>(
            (r, ct) => r.ListAsync(specification.Select(p => p.Reviews.Sum(v => v.Stars)), ct));

        list.ShouldHaveSingleItem().Reviews.Count.ShouldBe(2);
        stars.ShouldBe([9]);
    }

    [Fact]
    public async Task UpsertAsync_MixOfNewAndKnown_CountsBothAndKeepsCreationTime()
    {
        var known = New();
        await shop.WriteAsync<Product, long, int>(async (r, ct) =>
        {
            await r.AddAsync(known, ct);
            return 0;
        });
        var created = shop.Time.Now;
        shop.Time.Now += TimeSpan.FromMinutes(1);
        Product[] batch = [new() { Code = known.Code, Stock = 3, Grade = Grade.High, Price = new Price { Amount = 2.5m } }, New(), New()];

        var first = await shop.WriteAsync<Product, long, UpsertResult>((r, ct) => r.UpsertAsync(batch, p => p.Code, cancellationToken: ct));
        var ignored = await shop.WriteAsync<Product, long, UpsertResult>((r, ct) => r.UpsertAsync(batch, p => p.Code, update: false, ct));

        first.ShouldBe(new UpsertResult(2, 1));
        ignored.ShouldBe(new UpsertResult(0, 0));
        var found = await shop.ReadAsync<Product, long, Product>((r, ct) => r.GetAsync(known.Id, ct));
        (found.Stock, found.Grade, found.Price.Amount).ShouldBe((3, Grade.High, 2.5m));
        found.CreatedAt.ShouldBe(created);
        found.UpdatedAt.ShouldBe(shop.Time.Now);
    }

    [Fact]
    public async Task UpsertAsync_NoColumnAsKey_SaysWhatToWrite()
    {
        var error = await Should.ThrowAsync<ArgumentException>(() => shop.WriteAsync<Product, long, UpsertResult>((r, ct) =>
            r.UpsertAsync([New()], p => p.Code.Length, cancellationToken: ct)));
        error.Message.ShouldContain("o => o.Code");
    }

    [Fact]
    public async Task StreamAsync_ManyRows_YieldsThemInOrder()
    {
        var tag = Guid.NewGuid().ToString("N");
        await shop.WriteAsync<Product, long, long>((r, ct) =>
            r.BulkInsertAsync(
                Enumerable.Range(0, 500).Select(i => new Product { Code = $"{tag}-{i:000}", Stock = i * 10 }),
                cancellationToken: ct));
        var specification = Specification.For<Product>().Where(p => p.Code.StartsWith(tag)).OrderByDescending(p => p.Code);

        var stocks = await shop.ReadAsync<Product, long, List<int>>(async (r, ct) =>
        {
            var list = new List<int>();
            await foreach (var product in r.StreamAsync(specification).WithCancellation(ct))
                list.Add(product.Stock);
            return list;
        });

        stocks.SequenceEqual(Enumerable.Range(0, 500).Reverse().Select(i => i * 10)).ShouldBeTrue();
    }
}
