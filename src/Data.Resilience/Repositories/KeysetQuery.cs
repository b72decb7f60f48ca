using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Reads one keyset page: size + 1 rows from a place on, in either direction.</summary>
internal sealed class KeysetQuery<T>
    where T : class
{
    private readonly IQueryable<T> _query;
    private readonly Keyset<T> _keyset;
    private readonly int _size;
    private readonly bool _backward;
    private readonly bool _hasCursor;

    public KeysetQuery(DbContext context, Specification<T> specification, int size, string? cursor)
    {
        _keyset = Keyset<T>.Of(specification, EntityTypes.Of<T>(context));
        _size = size;
        _hasCursor = cursor is not null;
        var query = specification.Filter(context.Set<T>());
        if (cursor is not null)
        {
            (_backward, var values) = CursorCodec.Decode(_keyset.Signature, _keyset.Columns, cursor);
            query = query.Where(_keyset.After(values, _backward));
        }

        _query = Specification<T>.Order(query, _keyset.Orderings, _backward).Take(size + 1);
    }

    public async Task<KeysetPage<T>> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await _query.ToListAsync(cancellationToken).ConfigureAwait(false);
        return Page(rows, static row => row, row => [.. _keyset.Columns.Select(c => c.Read(row))]);
    }

    public async Task<KeysetPage<TResult>> ReadAsync<TResult>(Expression<Func<T, TResult>> selector, CancellationToken cancellationToken)
    {
        // The keys travel with the projection, which need not contain them.
        var entity = selector.Parameters[0];
        var keys = Expression.NewArrayInit(typeof(object), _keyset.Columns.Select(c => Expression.Convert(c.On(entity), typeof(object))));
        var row = Expression.MemberInit(
            Expression.New(typeof(KeysetRow<TResult>)),
            Expression.Bind(typeof(KeysetRow<TResult>).GetProperty(nameof(KeysetRow<TResult>.Item))!, selector.Body),
            Expression.Bind(typeof(KeysetRow<TResult>).GetProperty(nameof(KeysetRow<TResult>.Keys))!, keys));
        var rows = await _query.Select(Expression.Lambda<Func<T, KeysetRow<TResult>>>(row, entity))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return Page(rows, static r => r.Item, static r => r.Keys);
    }

    private KeysetPage<TResult> Page<TRow, TResult>(List<TRow> rows, Func<TRow, TResult> item, Func<TRow, object?[]> keys)
    {
        // The extra row only tells that the list goes on.
        var more = rows.Count > _size;
        if (more)
            rows.RemoveAt(_size);
        if (_backward)
            rows.Reverse();
        if (rows.Count == 0)
            return new KeysetPage<TResult>([], Next: null, Previous: null);

        var hasNext = _backward || more;
        var hasPrevious = _backward ? more : _hasCursor;
        return new KeysetPage<TResult>(
            [.. rows.Select(item)],
            hasNext ? CursorCodec.Encode(_keyset.Signature, backward: false, _keyset.Columns, keys(rows[^1])) : null,
            hasPrevious ? CursorCodec.Encode(_keyset.Signature, backward: true, _keyset.Columns, keys(rows[0])) : null);
    }
}
