using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Interceptors;

/// <summary>Ways to use a session that are N+1, and ways that only look like it.</summary>
internal static class NPlusOneCorpus
{
    private const int Times = 12;

    private static readonly long[] Ids = [.. Enumerable.Range(1, Times).Select(i => (long)i)];

    public delegate Task Case(IDbSession<ShopContext> session, CancellationToken cancellationToken);

    public static readonly Dictionary<string, Case> True = new()
    {
        ["explicit load in a foreach"] = async (s, ct) =>
        {
            foreach (var product in await s.Context.Set<Product>().AsTracking().Take(Times).ToListAsync(ct))
                await s.Context.Entry(product).Collection(p => p.Reviews).LoadAsync(ct);
        },
        ["find in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Product>().FindAsync([id], ct);
        },
        ["after a continuation"] = async (s, ct) =>
        {
            foreach (var id in Ids)
            {
                await Task.Yield();
                await s.Context.Set<Product>().FirstOrDefaultAsync(p => p.Id == id, ct).ConfigureAwait(false);
            }
        },
        ["helper that goes on after a continuation"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await LoadLaterAsync(s.Context, id, ct);
        },
        ["repository get in a loop"] = async (s, ct) =>
        {
            var products = s.ReadRepository<Product, long>();
            foreach (var id in Ids)
                await products.FindAsync(id, ct);
        },
        ["repository list in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.ReadRepository<Review, Guid>().ListAsync(Specification.For<Review>().Where(r => r.ProductId == id), ct);
        },
        ["bare command with a parameter in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await ScalarAsync(s, "SELECT \"Code\" FROM products WHERE \"Id\" = $1", ct, id);
        },
        ["bare command with a literal in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await ScalarAsync(s, $"SELECT \"Code\" FROM products WHERE \"Id\" = {id}", ct);
        },
        ["FromSql in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Review>().FromSql($"SELECT * FROM reviews WHERE \"ProductId\" = {id}").ToListAsync(ct);
        },
        ["tasks of a LINQ select"] = async (s, ct) =>
        {
            foreach (var task in Ids.Select(id => s.Context.Set<Product>().AnyAsync(p => p.Id == id, ct)))
                await task;
        },
        ["the newest of each"] = async (s, ct) =>
        {
            var few = 3;
            foreach (var id in Ids)
                await s.Context.Set<Review>().Where(r => r.ProductId == id).OrderBy(r => r.Stars).Take(few).ToListAsync(ct);
        },
        ["count of each"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Review>().CountAsync(r => r.ProductId == id, ct);
        },
        ["blocking loop"] = (s, _) =>
        {
            foreach (var id in Ids)
                s.Context.Set<Product>().FirstOrDefault(p => p.Id == id);
            return Task.CompletedTask;
        },
        ["split query of each"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Product>().Include(p => p.Reviews).AsSplitQuery().FirstOrDefaultAsync(p => p.Id == id, ct);
        },
        ["the next of each"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Product>().Where(p => p.Id >= id).OrderBy(p => p.Id).FirstOrDefaultAsync(ct);
        },
        ["a poll, then one by one"] = async (s, ct) =>
        {
            long[] ids = [.. Enumerable.Repeat(1L, 60), .. Ids];
            foreach (var id in ids)
                await s.Context.Set<Product>().AnyAsync(p => p.Id == id, ct);
        },
        ["page with total of each"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await PageAsync(s, id, ct);
        },
        ["first page of each"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.ReadRepository<Review, Guid>().PageAsync(Specification.For<Review>().Where(r => r.ProductId == id), 5, null, ct);
        },
    };

    public static readonly Dictionary<string, Case> False = new()
    {
        ["one SaveChanges of 15,000 rows"] = async (s, ct) =>
        {
            s.Context.AddRange(Enumerable.Range(0, 15_000).Select(i => new Slot { Room = i, Day = "many" }));
            await s.Context.SaveChangesAsync(ct);
        },
        ["SaveChanges in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
            {
                s.Context.Add(new Product { Code = $"loop {id}" });
                await s.Context.SaveChangesAsync(ct);
            }
        },
        ["keyset pages"] = async (s, ct) =>
        {
            string? cursor = null;
            var pages = 0;
            do
            {
                var byCode = Specification.For<Product>().OrderBy(p => p.Code);
                var page = await s.ReadRepository<Product, long>().PageAsync(byCode, 2, cursor, ct);
                cursor = page.Next;
                pages++;
            }
            while (cursor is not null);
            pages.ShouldBeGreaterThan(14);
        },
        ["offset pages with total"] = async (s, ct) =>
        {
            for (var page = 1; page <= 14; page++)
                await s.ReadRepository<Product, long>().PageAsync(Specification.For<Product>().OrderBy(p => p.Id), page, 2, ct);
        },
        ["keyset pages by hand"] = async (s, ct) =>
        {
            var last = 0L;
            var size = 2;
            for (var page = 0; page < 14; page++)
            {
                var rest = s.Context.Set<Product>().Where(p => p.Id > last && p.Stock >= 0);
                last = (await rest.OrderBy(p => p.Id).Take(size).ToListAsync(ct))[^1].Id;
            }
        },
        ["keyset pages by FromSql"] = async (s, ct) =>
        {
            var last = 0L;
            for (var page = 0; page < 14; page++)
            {
                var rows = await s.Context.Set<Product>()
                    .FromSql($"SELECT *, xmin FROM products WHERE (\"Id\", \"Code\") > ({last}, {""}) ORDER BY \"Id\" LIMIT {2}")
                    .ToListAsync(ct);
                last = rows.Max(p => p.Id);
            }
        },
        ["keyset pages of a bare command"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await ScalarAsync(s, "SELECT \"Id\" FROM products WHERE \"Id\" > $1 ORDER BY \"Id\" LIMIT 10", ct, id);
        },
        ["the same parameters"] = async (s, ct) =>
        {
            var id = 1L;
            for (var i = 0; i < 30; i++)
                await s.Context.Set<Product>().AnyAsync(p => p.Id == id, ct);
        },
        ["two things in turn"] = async (s, ct) =>
        {
            for (var i = 0; i < 30; i++)
            {
                var id = i % 2;
                await s.Context.Set<Product>().AnyAsync(p => p.Id == id, ct);
            }
        },
        ["a bare poll"] = async (s, ct) =>
        {
            for (var i = 0; i < 30; i++)
                await ScalarAsync(s, "SELECT count(*) FROM products", ct);
        },
        ["batches of keys"] = async (s, ct) =>
        {
            for (var i = 0; i < Times; i++)
            {
                long[] keys = [i, i + 1, i + 2];
                await s.Context.Set<Product>().Where(p => keys.Contains(p.Id)).ToListAsync(ct);
            }
        },
        ["batches of keys of a bare command"] = async (s, ct) =>
        {
            for (var i = 0; i < Times; i++)
                await ScalarAsync(s, "SELECT \"Id\" FROM products WHERE \"Id\" = ANY ($1)", ct, new long[] { i, i + 1 });
        },
        ["batches of keys by unnest"] = async (s, ct) =>
        {
            for (var i = 0; i < Times; i++)
            {
                var keys = new[] { i, i + 1 };
                await s.Context.Database.SqlQuery<int>($"SELECT k AS \"Value\" FROM unnest({keys}) AS k").ToListAsync(ct);
            }
        },
        ["many sites"] = async (s, ct) =>
        {
            var products = s.Context.Set<Product>();
            await products.AnyAsync(p => p.Id == Ids[0], ct);
            await products.AnyAsync(p => p.Id == Ids[1], ct);
            await products.AnyAsync(p => p.Id == Ids[2], ct);
            await products.AnyAsync(p => p.Id == Ids[3], ct);
            await products.AnyAsync(p => p.Id == Ids[4], ct);
            await products.AnyAsync(p => p.Id == Ids[5], ct);
            await products.AnyAsync(p => p.Id == Ids[6], ct);
            await products.AnyAsync(p => p.Id == Ids[7], ct);
            await products.AnyAsync(p => p.Id == Ids[8], ct);
            await products.AnyAsync(p => p.Id == Ids[9], ct);
            await products.AnyAsync(p => p.Id == Ids[10], ct);
            await products.AnyAsync(p => p.Id == Ids[11], ct);
        },
        ["one helper of many sites"] = async (s, ct) =>
        {
            await LoadAsync(s.Context, 1, ct);
            await LoadAsync(s.Context, 2, ct);
            await LoadAsync(s.Context, 3, ct);
            await LoadAsync(s.Context, 4, ct);
            await LoadAsync(s.Context, 5, ct);
            await LoadAsync(s.Context, 6, ct);
            await LoadAsync(s.Context, 7, ct);
            await LoadAsync(s.Context, 8, ct);
            await LoadAsync(s.Context, 9, ct);
            await LoadAsync(s.Context, 10, ct);
            await LoadAsync(s.Context, 11, ct);
            await LoadAsync(s.Context, 12, ct);
        },
        ["pages with total of many sites"] = async (s, ct) =>
        {
            await PageAsync(s, 1, ct);
            await PageAsync(s, 2, ct);
            await PageAsync(s, 3, ct);
            await PageAsync(s, 4, ct);
            await PageAsync(s, 5, ct);
            await PageAsync(s, 6, ct);
            await PageAsync(s, 7, ct);
            await PageAsync(s, 8, ct);
            await PageAsync(s, 9, ct);
            await PageAsync(s, 10, ct);
            await PageAsync(s, 11, ct);
            await PageAsync(s, 12, ct);
        },
        ["updates in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await s.Context.Set<Product>().Where(p => p.Id == id).ExecuteUpdateAsync(set => set.SetProperty(p => p.Rank, 1), ct);
        },
        ["bare writes in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
                await ScalarAsync(s, "UPDATE products SET \"Rank\" = 2 WHERE \"Id\" = $1", ct, id);
        },
        ["bulk inserts and upserts in a loop"] = async (s, ct) =>
        {
            foreach (var id in Ids)
            {
                Slot[] slots = [new() { Room = (int)id, Day = "bulk" }];
                await s.Repository<Slot, (int, string)>().BulkInsertAsync(slots, cancellationToken: ct);
                await s.Repository<Slot, (int, string)>().UpsertAsync(slots, cancellationToken: ct);
            }
        },
    };

    private static async Task<Product?> LoadAsync(ShopContext context, long id, CancellationToken cancellationToken) =>
        await context.Set<Product>().FirstOrDefaultAsync(p => p.Id == id, cancellationToken);

    private static Task<OffsetPage<Review>> PageAsync(IDbSession<ShopContext> session, long id, CancellationToken cancellationToken) =>
        session.ReadRepository<Review, Guid>()
            .PageAsync(Specification.For<Review>().Where(r => r.ProductId == id), number: 1, size: 5, cancellationToken);

    private static async Task<Product?> LoadLaterAsync(ShopContext context, long id, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return await context.Set<Product>().SingleOrDefaultAsync(p => p.Id == id, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ScalarAsync(
        IDbSession<ShopContext> session, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
