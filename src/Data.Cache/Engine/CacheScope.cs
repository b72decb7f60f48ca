using System.Text;
using Data.Cache.Internal;
using Data.Cache.Local;

namespace Data.Cache.Engine;

/// <summary>A tenant or a namespace, or one inside the other: the prefix of its names and the tags that stand for all of it.</summary>
/// <remarks>The text of a scope is percent-encoded, so that no name of a tenant can look like another scope or like a glob.</remarks>
internal sealed class CacheScope
{
    private CacheScope(string text, string[] everything)
    {
        Text = text;
        Everything = everything;
        Prefix = text.Length == 0 ? string.Empty : string.Concat("\u0001", text, "\u0001");
        Hash = NameHash.OfScope(Prefix);
    }

    public static CacheScope Root { get; } = new(string.Empty, []);

    /// <summary>The scope as it appears in keys of Redis; empty for the root.</summary>
    public string Text { get; }

    /// <summary>Prefix of full names; empty for the root.</summary>
    public string Prefix { get; }

    /// <summary>Hash of the prefix; a key's name is hashed on top of it.</summary>
    public ulong Hash { get; }

    /// <summary>
    /// Full names of the tags that every entry of this scope has: one for the scope and one for each scope around it. The root's tag is
    /// checked without being stored.
    /// </summary>
    public string[] Everything { get; }

    public CacheScope Tenant(string tenantId) => Child('t', tenantId, nameof(tenantId));

    public CacheScope Namespace(string name) => Child('n', name, nameof(name));

    public string FullName(string key) => Prefix.Length == 0 ? key : string.Concat(Prefix, key);

    /// <summary>Full names of the tags of an entry, or null when one of them is not valid.</summary>
    public string[]? FullTags(IReadOnlyList<string> tags)
    {
        if (tags.Count == 0)
            return Everything;
        var names = new string[tags.Count + Everything.Length];
        for (var i = 0; i < tags.Count; i++)
        {
            if (!KeyRules.IsValidTag(tags[i]))
                return null;
            names[i] = FullName(tags[i]);
        }

        Everything.CopyTo(names, tags.Count);
        return names;
    }

    private CacheScope Child(char kind, string name, string parameter)
    {
        KeyRules.RequireScope(name, parameter);
        var text = new StringBuilder(Text);
        if (Text.Length > 0)
            text.Append(',');
        text.Append(kind).Append('=');
        Encode(text, name);
        var own = text.ToString();
        return new CacheScope(own, [string.Concat("\u0001", own, "\u0001*"), .. Everything]);
    }

    private static void Encode(StringBuilder text, string name)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_' or '.'))
            {
                text.Append((char)rune.Value);
                continue;
            }

            foreach (var single in bytes[..rune.EncodeToUtf8(bytes)])
                text.Append('%').Append(single.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
