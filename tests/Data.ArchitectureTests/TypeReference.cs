namespace Data.ArchitectureTests;

/// <summary>One place at which a file of a folder names a type of another folder.</summary>
internal sealed record TypeReference(string From, string To, string Type, string Place)
{
    public override string ToString() => $"{From} -> {To}: {Place} names {Type}";
}
