using Data.Health;
using Data.Health.Contributors.Network;
using Data.Health.Evaluation;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for anything that is reached over a network.</summary>
public static class DataHealthNetworkExtensions
{
    /// <summary>Adds an HTTP dependency whose status line decides.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="address">What to ask for. Never shown.</param>
    /// <param name="configure">Method, accepted statuses and latency; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run; redirects are not followed. Critical; tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Uri address,
        Action<HttpHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(address);
        var shared = new Lazy<HttpClient>(BoundedHttp.NewClient);
        return builder.AddHttp(name, _ => shared.Value, address, configure, contributor);
    }

    /// <summary>Adds an HTTP dependency that is asked through a client of the application, with its credentials and handlers.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="client">Finds the client.</param>
    /// <param name="address">What to ask for, absolute or relative to the client's base address. Never shown.</param>
    /// <param name="configure">Method, accepted statuses and latency; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run. Critical; tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, HttpClient> client,
        Uri address,
        Action<HttpHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn<HttpHealthOptions>(
            name,
            (sp, options) => new HttpCheck(options, client(sp), address, sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Dependency());
    }

    /// <summary>Adds a TCP dependency: healthy if it accepts a connection.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="host">Name or address. Never shown.</param>
    /// <param name="port">Port; 1 to 65535.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical; tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddTcp(
        this DataHealthBuilder builder, string name, string host, int port, Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddBuiltIn<TcpHealthOptions>(
            name,
            (sp, options) => new TcpCheck(options, sp.GetRequiredService<TimeProvider>()),
            options => (options.Host, options.Port) = (host, port),
            contributor,
            BuiltInKind.Dependency());
    }

    /// <summary>Adds the time left on a certificate, from a file, a store or a TLS endpoint.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Which certificate, and when its end is near.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional, since an expiring certificate still works; tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddCertificate(
        this DataHealthBuilder builder,
        string name,
        Action<CertificateHealthOptions> configure,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddBuiltIn<CertificateHealthOptions>(
            name,
            (sp, options) => new CertificateCheck(options, sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Upkeep(TimeSpan.FromHours(1)));
    }
}
