using System.Text.Json;

namespace ConfigurationService.Hub;

/// <summary>A row of <c>service_configs</c>.</summary>
internal sealed record ServiceConfigRow(
    string Service, string Config, int Version, DateTimeOffset UpdatedAt, string? Description, string[] Tags, bool Active)
{
    private const int OtherCharacters = 500;

    /// <summary>At least as many characters as the row has in an answer.</summary>
    public long AnswerCharacters =>
        Config.Length + (Description?.Length ?? 0) + Tags.Sum(static t => t.Length + 3) + Service.Length + OtherCharacters;

    public ServiceConfigView ToView() =>
        new(Service, JsonElement.Parse(Config), Version, UpdatedAt.ToUnixTimeMilliseconds(), Description, Tags);

    /// <summary>The row that a draft makes of this one, or of none.</summary>
    public static ServiceConfigRow From(ServiceConfigRow? row, ServiceConfigDraft draft) => new(
        draft.Service, draft.Config, row?.Version ?? 0, default,
        draft.Description.IsGiven ? draft.Description.Value : row?.Description, draft.Tags is { } tags ?
            [.. tags] :
            row?.Tags ?? [], Active: true);
}
