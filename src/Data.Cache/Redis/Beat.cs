namespace Data.Cache.Redis;

/// <summary>Answer of Redis to a heartbeat.</summary>
/// <param name="Epoch">A new epoch, higher than every epoch that this node knew.</param>
/// <param name="Everything">Epoch of the last removal of everything; 0 for none.</param>
/// <param name="DataLost">Whether a server has lost data since this node's last heartbeat. Everything has been removed since.</param>
/// <param name="ServerChanged">
/// Whether another process answers for a server. It remembers the last heartbeat, but perhaps nothing that came after it.
/// </param>
/// <param name="Evicted">Whether a server may have evicted keys, such as tombstones.</param>
internal readonly record struct Beat(long Epoch, long Everything, bool DataLost, bool ServerChanged, bool Evicted);
