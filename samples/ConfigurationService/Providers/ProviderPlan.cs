using ConfigurationService.Encryption;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>What one write does to a tenant's rows: decided here without a database, carried out by <see cref="ProviderRows"/>.</summary>
internal sealed record ProviderPlan(IReadOnlyList<ProviderTarget> Upserts, IReadOnlyList<ProviderRow> Deletes, bool Creates)
{
    public static readonly ProviderPlan Nothing = new([], [], false);

    public bool IsNothing => Upserts.Count == 0 && Deletes.Count == 0;

    /// <summary>The provider types whose rows may change.</summary>
    public IReadOnlyList<string> Types =>
        [.. Upserts.Select(static u => u.Type).Concat(Deletes.Select(static d => d.Type)).Distinct(StringComparer.Ordinal)];

    /// <summary>Named providers are made or changed; what a draft does not say stays as it is, others are untouched.</summary>
    public static ProviderPlan Upsert(IReadOnlyList<ProviderRow> current, IReadOnlyList<ProviderDraft> drafts, TenantKeyring? keys) =>
        Of(current, drafts, keys, keepsUnsaid: true, deletes: []);

    /// <summary>
    /// Afterwards there are the named providers and no others. Secrets that are not said stay, for no caller can read them to send them
    /// back.
    /// </summary>
    public static ProviderPlan Replace(IReadOnlyList<ProviderRow> current, IReadOnlyList<ProviderDraft> drafts, TenantKeyring? keys)
    {
        var named = drafts.Select(static d => d.Id).ToHashSet();
        return Of(current, drafts, keys, keepsUnsaid: false, [.. current.Where(row => !named.Contains((row.Type, row.Name)))]);
    }

    /// <summary>One provider becomes what the draft says; what it does not say gets its default.</summary>
    public static ProviderPlan ReplaceOne(ProviderRow? current, ProviderDraft draft, TenantKeyring? keys) =>
        Of(current is null ? [] : [current], [draft], keys, keepsUnsaid: false, deletes: []);

    /// <summary>A merge patch (RFC 7396) of an existing provider.</summary>
    public static ProviderPlan Patch(ProviderRow current, ProviderDraft draft, TenantKeyring? keys)
    {
        var target = ProviderTarget.Of(current, draft, keys, keepsUnsaid: true);
        if (draft.Config is { } patch)
            target = target with { Config = MergePatch.Apply(current.Config, patch) };
        return target.Equals(ProviderTarget.Of(current)) ? Nothing : new ProviderPlan([target], [], false);
    }

    public static ProviderPlan Delete(IReadOnlyList<ProviderRow> rows) => new([], rows, false);

    private static ProviderPlan Of(
        IReadOnlyList<ProviderRow> current,
        IReadOnlyList<ProviderDraft> drafts,
        TenantKeyring? keys,
        bool keepsUnsaid,
        IReadOnlyList<ProviderRow> deletes)
    {
        var rows = current.ToDictionary(static r => (r.Type, r.Name));
        var upserts = new List<ProviderTarget>();
        var creates = false;
        foreach (var draft in drafts)
        {
            var row = rows.GetValueOrDefault(draft.Id);
            upserts.Add(ProviderTarget.Of(row, draft, keys, keepsUnsaid));
            creates |= row is null;
        }

        return new ProviderPlan(upserts, deletes, creates);
    }
}
