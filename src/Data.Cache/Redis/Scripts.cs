namespace Data.Cache.Redis;

/// <summary>
/// The scripts. Each touches one value and its lease, so none holds the server up. Stamps are the server's microseconds: the one clock
/// that all nodes share. They fit a double exactly until the year 2255, and struct.pack('>I8') writes them as Redis and .NET agree.
/// </summary>
internal static class Scripts
{
    /// <summary>
    /// Writes a value or a tombstone over whatever is there. Where memory is too full for that, what was there goes all the same.
    /// KEYS: value, lease. ARGV: head, tail, ttl ms, floor, channel, message head, message body. Returns the stamp, negative when only the removal was possible.
    /// </summary>
    public const string Set = Now + Raise + """
        local set = redis.pcall('SET', KEYS[1], ARGV[1] .. struct.pack('>I8', now) .. ARGV[2], 'PX', ARGV[3])
        if set.err then redis.call('UNLINK', KEYS[1]) end
        redis.call('DEL', KEYS[2])
        redis.call('PUBLISH', ARGV[5], ARGV[6] .. struct.pack('>I8', now) .. ARGV[7])
        if set.err then return -now end
        return now
        """;

    /// <summary>KEYS: value, lease. ARGV: token, lease ms, stamp of the value the caller has seen, floor. Returns {1, stamp}: granted; {0, ms left}: another holds it; {2, 0}: the value changed, read again.</summary>
    public const string Lease = Now + """
        now = math.max(now, tonumber(ARGV[4]) + 1)
        local head = redis.pcall('GETRANGE', KEYS[1], 2, 10)
        if type(head) == 'string' and #head == 9 then
          local stamp = struct.unpack('>I8', head)
          local tombstone = math.floor(string.byte(head, 9) / 4) % 2 == 1
          if not tombstone and stamp ~= tonumber(ARGV[3]) then return {2, 0} end
          if stamp >= now and stamp < now + 60000000 then now = stamp + 1 end
        end
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {1, now} end
        return {0, redis.call('PTTL', KEYS[2])}
        """;

    /// <summary>KEYS: value, lease. ARGV: head, tail, ttl ms, stamp, token, channel, message head, message body. Returns 1 when stored, 0 when something newer, a removal included, is there, -1 when memory was full.</summary>
    public const string Store = """
        local stamp = tonumber(ARGV[4])
        local stored = 1
        local head = redis.pcall('GETRANGE', KEYS[1], 2, 9)
        if type(head) == 'string' and #head == 8 then
          local there = struct.unpack('>I8', head)
          if there >= stamp and there < stamp + 86400000000 then stored = 0 end
        end
        if redis.call('GET', KEYS[2]) == ARGV[5] then redis.call('DEL', KEYS[2]) end
        if stored == 1 then
          local set = redis.pcall('SET', KEYS[1], ARGV[1] .. struct.pack('>I8', stamp) .. ARGV[2], 'PX', ARGV[3])
          if set.err then
            redis.call('UNLINK', KEYS[1])
            stored = -1
          end
        end
        redis.call('PUBLISH', ARGV[6], ARGV[7] .. struct.pack('>I8', stamp) .. ARGV[8])
        return stored
        """;

    /// <summary>KEYS: lease. ARGV: token, channel, message head, message body. Frees the lease and wakes those who wait.</summary>
    public const string Release = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        redis.call('PUBLISH', ARGV[2], ARGV[3] .. struct.pack('>I8', 0) .. ARGV[4])
        return 1
        """;

    /// <summary>KEYS: lease. ARGV: token, lease ms. Returns 1 while the caller holds it.</summary>
    public const string Renew = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return 0
        """;

    /// <summary>KEYS: tag. ARGV: ttl ms (0 for none), floor, channel, message head, message body. Returns the stamp.</summary>
    public const string RemoveTag = Now + """
        now = math.max(now, tonumber(ARGV[2]) + 1)
        local there = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
        if there >= now and there < now + 60000000 then now = there + 1 end
        local text = string.format('%.0f', now)
        if tonumber(ARGV[1]) > 0 then redis.call('SET', KEYS[1], text, 'PX', ARGV[1]) else redis.call('SET', KEYS[1], text) end
        redis.call('PUBLISH', ARGV[3], ARGV[4] .. struct.pack('>I8', now) .. ARGV[5])
        return now
        """;

    /// <summary>ARGV: channel, message head, message body, floor. Publishes a message with a fresh stamp, and returns the stamp.</summary>
    public const string Publish = Now + """
        now = math.max(now, tonumber(ARGV[4]) + 1)
        redis.call('PUBLISH', ARGV[1], ARGV[2] .. struct.pack('>I8', now) .. ARGV[3])
        return now
        """;

    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]

        """;

    // An explicit write or removal comes after whatever is there, whoever's clock made that. Nonsense far in the future is not honoured.
    private const string Raise = """
        now = math.max(now, tonumber(ARGV[4]) + 1)
        local head = redis.pcall('GETRANGE', KEYS[1], 2, 9)
        if type(head) == 'string' and #head == 8 then
          local there = struct.unpack('>I8', head)
          if there >= now and there < now + 60000000 then now = there + 1 end
        end

        """;
}
