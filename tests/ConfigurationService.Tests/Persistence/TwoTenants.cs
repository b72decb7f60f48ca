namespace ConfigurationService.Tests.Persistence;

/// <summary>A database with one provider and one secret each of the tenants a and b; tests read it and undo what they change.</summary>
public sealed class TwoTenants : IAsyncLifetime
{
    internal ServiceDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await ServiceDatabase.StartAsync();
        foreach (var tenant in (string[])["a", "b"])
        {
            await Database.Admin
                .PostAsync($"/config/{tenant}", new { sms_providers = new[] { new { provider_name = "twilio", api_key = "k" } } });
        }
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
