using System.Security.Cryptography.X509Certificates;

namespace Data.Health.Contributors.Network;

/// <summary>The certificate to watch, from exactly one source: a file, a store or a TLS endpoint.</summary>
public sealed class CertificateHealthOptions : IContributorSettings
{
    /// <summary>Path of a PEM, DER or PKCS#12 file. Never shown. Default: none.</summary>
    public string? FilePath { get; set; }

    /// <summary>Password of a PKCS#12 file. Never shown. Default: none.</summary>
    public string? FilePassword { get; set; }

    /// <summary>SHA-1 thumbprint of a certificate in a store, in hex. Default: none.</summary>
    public string? Thumbprint { get; set; }

    /// <summary>Name of the store. Default: <see cref="StoreName.My"/>.</summary>
    public StoreName StoreName { get; set; } = StoreName.My;

    /// <summary>Location of the store. Default: <see cref="StoreLocation.CurrentUser"/>.</summary>
    public StoreLocation StoreLocation { get; set; } = StoreLocation.CurrentUser;

    /// <summary>Host of a TLS endpoint, also sent as the server name. Never shown. Default: none.</summary>
    public string? Host { get; set; }

    /// <summary>Port of the TLS endpoint. Default: 443. Range: 1–65535.</summary>
    public int Port { get; set; } = 443;

    /// <summary>Remaining validity below which it is degraded. Default: 30 days. Range: 0–3,660 days.</summary>
    public TimeSpan DegradedBefore { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Remaining validity below which it is unhealthy. Default: 7 days. Range: 0–<see cref="DegradedBefore"/>.</summary>
    public TimeSpan UnhealthyBefore { get; set; } = TimeSpan.FromDays(7);

    IEnumerable<string> IContributorSettings.Errors()
    {
        var sources = new[] { FilePath, Thumbprint, Host }.Count(s => !string.IsNullOrWhiteSpace(s));
        var errors = Ranges.Port(Port)
            .Concat(Ranges.Span(nameof(DegradedBefore), DegradedBefore, TimeSpan.Zero, TimeSpan.FromDays(3660)))
            .Concat(Ranges.Span(nameof(UnhealthyBefore), UnhealthyBefore, TimeSpan.Zero, DegradedBefore));
        return sources == 1 ? errors : errors.Append("exactly one of FilePath, Thumbprint and Host must be set.");
    }
}
