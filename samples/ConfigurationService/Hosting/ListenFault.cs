using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ConfigurationService.Hosting;

/// <summary>Why the service cannot listen where its settings say, in the words of the settings.</summary>
internal static class ListenFault
{
    private const string Server = "Microsoft.AspNetCore.Server.Kestrel";

    /// <summary>The fault behind an exception of the start; null when it is none of these.</summary>
    public static string? Of(Exception exception) => exception switch
    {
        IOException { InnerException: AddressInUseException } e =>
            $"PORT or URLS: {e.Message} Stop the other process, or choose another port; 0 takes a free one",
        SocketException e => $"PORT or URLS: the address cannot be listened on: {e.Message}; choose one of this machine's, and a port that "
            + "this login may use",
        InvalidOperationException { Source: { } source } e when source.StartsWith(Server, StringComparison.Ordinal) =>
            $"URLS: {e.Message}",
        _ => null,
    };
}
