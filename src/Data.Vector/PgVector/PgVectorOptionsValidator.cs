using System.Text;
using System.Text.RegularExpressions;

namespace Data.Vector.PgVector;

/// <summary>Returns a message for every option that is out of its range.</summary>
internal static partial class PgVectorOptionsValidator
{
    private const int MaxNameLength = 63;

    public static List<string> Failures(PgVectorStoreOptions options)
    {
        var failures = new List<string>();
        Check(IsName(options.Schema), "Schema must have 1 to 63 bytes, such as data_vector.");
        Check(IsName(options.TextConfiguration), "TextConfiguration must have 1 to 63 bytes, such as simple or english.");
        Check(options.Partitions is >= 0 and <= 1_024, "Partitions must be from 0 to 1,024.");
        Check(
            options.TenantSetting is not { } setting || (setting.Length <= MaxNameLength && SettingName().IsMatch(setting)),
            "TenantSetting must be null, or two names of a-z 0-9 _ with a dot between them, such as app.tenant_id.");
        Check(
            options.RequestTimeout >= TimeSpan.FromMilliseconds(100) && options.RequestTimeout <= TimeSpan.FromMinutes(10),
            "RequestTimeout must be from 100 ms to 10 min.");
        Check(options.MaxRetryAttempts is >= 0 and <= 10, "MaxRetryAttempts must be from 0 to 10.");
        Check(
            options.RetryDelay >= TimeSpan.FromMilliseconds(1) && options.RetryDelay <= TimeSpan.FromSeconds(30),
            "RetryDelay must be from 1 ms to 30 s.");
        return failures;

        void Check(bool condition, string complaint)
        {
            if (!condition)
                failures.Add(complaint);
        }
    }

    private static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && PgText.CanBeHeld(name)
        && Encoding.UTF8.GetByteCount(name) <= MaxNameLength;

    [GeneratedRegex(@"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*\z")]
    private static partial Regex SettingName();
}
