namespace Data.Conformance.VectorStores.PineconeStandIn;

/// <summary>A request that breaks the contract: status 400.</summary>
internal sealed class StandInRefusal(string message) : Exception(message);
