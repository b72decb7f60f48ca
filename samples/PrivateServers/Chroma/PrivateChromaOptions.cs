namespace PrivateServers.Chroma;

/// <summary>How a private Chroma runs. Its data persists in the folder.</summary>
public sealed class PrivateChromaOptions : PrivateServerOptions;
