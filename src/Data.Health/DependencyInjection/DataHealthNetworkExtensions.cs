using Data.Health;
using Data.Health.Contributors.Network;
using Data.Health.DependencyInjection;
using Data.Health.Evaluation;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for dependencies that are reached over a network.</summary>
public static class DataHealthNetworkExtensions
{
    private static readonly BuiltIn<TcpHealthOptions> Tcp = new(
        (sp, options) => new TcpCheck(options, sp.GetRequiredService<TimeProvider>()), BuiltInKind.Dependency());

    private static readonly BuiltIn<CertificateHealthOptions> Certificate = new(
        (sp, options) => new CertificateCheck(options, sp.GetRequiredService<TimeProvider>()), BuiltInKind.Upkeep(TimeSpan.FromHours(1)));

    /// <summary>Adds an HTTP dependency whose status code decides.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="address">The address to request. Never shown.</param>
    /// <param name="configure">Sets the method, accepted status codes and latency limit; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run; redirects are not followed. Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Uri address,
        Action<HttpHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(name, Http(OwnClient(), address), configure, contributor);
    }

    /// <summary>Adds an HTTP dependency whose status code decides, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="address">The address to request. Never shown.</param>
    /// <param name="section">The section to bind to <see cref="HttpHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run; redirects are not followed. Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Uri address,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(name, Http(OwnClient(), address), section, static (o, s) => o.Bind(s), contributor);
    }

    /// <summary>Adds an HTTP dependency that is requested through a client of the application, with its credentials and handlers.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="client">Resolves the client.</param>
    /// <param name="address">The address to request, absolute or relative to the client's base address. Never shown.</param>
    /// <param name="configure">Sets the method, accepted status codes and latency limit; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run. Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, HttpClient> client,
        Uri address,
        Action<HttpHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(name, Http(client, address), configure, contributor);
    }

    /// <summary>
    /// Adds an HTTP dependency that is requested through a client of the application, with its credentials and handlers, with options
    /// from configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="client">Resolves the client.</param>
    /// <param name="address">The address to request, absolute or relative to the client's base address. Never shown.</param>
    /// <param name="section">The section to bind to <see cref="HttpHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One request per run. Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddHttp(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, HttpClient> client,
        Uri address,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(name, Http(client, address), section, static (o, s) => o.Bind(s), contributor);
    }

    /// <summary>Adds a TCP dependency: healthy if it accepts a connection.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="host">Host name or address. Never shown.</param>
    /// <param name="port">Port. Range: 1–65535.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddTcp(
        this DataHealthBuilder builder,
        string name,
        string host,
        int port,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn<TcpHealthOptions>(name, Tcp, options => (options.Host, options.Port) = (host, port), contributor);

    /// <summary>Adds the remaining validity of a certificate, from a file, a store or a TLS endpoint.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Names the certificate and sets the limits.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional, because an expiring certificate still works. Tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddCertificate(
        this DataHealthBuilder builder,
        string name,
        Action<CertificateHealthOptions> configure,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddBuiltIn(name, Certificate, configure, contributor);
    }

    /// <summary>
    /// Adds the remaining validity of a certificate, from a file, a store or a TLS endpoint, with options from configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="CertificateHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional, because an expiring certificate still works. Tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddCertificate(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Certificate, section, static (o, s) => o.Bind(s), contributor);

    private static BuiltIn<HttpHealthOptions> Http(Func<IServiceProvider, HttpClient> client, Uri address) => new(
        (sp, options) => new HttpCheck(options, client(sp), address, sp.GetRequiredService<TimeProvider>()), BuiltInKind.Dependency());

    /// <summary>Returns a client of the contributor itself, created when the check first runs.</summary>
    private static Func<IServiceProvider, HttpClient> OwnClient()
    {
        var client = new Lazy<HttpClient>(BoundedHttp.NewClient);
        return _ => client.Value;
    }
}
