namespace Data.Cache.Redis;

/// <summary>
/// The scripts. Each uses one value and its related keys, so none blocks the server for long. Stamps are microseconds of the server's
/// clock. A double represents them exactly until the year 2255, and struct.pack('>I8') writes them in the byte order that the cache reads.
/// A stamp more than an hour ahead of the server's time is damaged, or older than a clock that was set back, and is ignored.
/// </summary>
/// <remarks>A PERSIST before a SET makes the SET succeed when memory is full; see <see cref="MemoryScripts"/>.</remarks>
internal static class Scripts
{
    /// <summary>
    /// Overwrites a value. When memory is full, the old value is removed all the same.
    /// KEYS: value, lease, tombstone. ARGV: head, tail, ttl ms, channel, message head, message body. Returns the stamp, negative when only
    /// the removal was possible.
    /// </summary>
    public static readonly Script Set = new(Common + """
        local now = after()
        local set = redis.pcall('SET', KEYS[1], ARGV[1] .. struct.pack('>I8', now) .. ARGV[2], 'PX', ARGV[3])
        if set.err then redis.call('UNLINK', KEYS[1]) end
        redis.call('DEL', KEYS[2])
        redis.call('PUBLISH', ARGV[4], ARGV[5] .. struct.pack('>I8', now) .. ARGV[6])
        if set.err then return -now end
        return now
        """);

    /// <summary>
    /// Removes a value and leaves a tombstone. The removal comes first: after its first write a script may write even when memory is full.
    /// KEYS: value, lease, tombstone. ARGV: ttl ms, channel, message head, message body. Returns the stamp.
    /// </summary>
    public static readonly Script Remove = new(Common + """
        local now = after()
        redis.call('UNLINK', KEYS[1], KEYS[2])
        redis.call('SET', KEYS[3], string.format('%.0f', now), 'PX', ARGV[1])
        redis.call('PUBLISH', ARGV[2], ARGV[3] .. struct.pack('>I8', now) .. ARGV[4])
        return now
        """);

    /// <summary>
    /// Removes whatever is older than a change that Redis may have forgotten; a newer value stays. KEYS: value, lease, tombstone.
    /// ARGV: stamp of the change, ttl ms, channel, message head, message body. Returns 1 when the value was older, else 0.
    /// </summary>
    public static readonly Script Supersede = new(Common + """
        local stamp = tonumber(ARGV[1])
        local older = stampOf(KEYS[1]) < stamp and number(KEYS[3]) < stamp
        if older then
          redis.call('UNLINK', KEYS[1], KEYS[2])
          redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
        end
        redis.call('PUBLISH', ARGV[3], ARGV[4] .. struct.pack('>I8', stamp) .. ARGV[5])
        return older and 1 or 0
        """);

    /// <summary>
    /// Requests a lease. KEYS: value, lease, tombstone. ARGV: token, lease ms, stamp of the value that the caller has read. Returns {1,
    /// stamp}: granted; {0, ms left}: another node holds it; {2, 0}: the value has changed, read it again.
    /// </summary>
    public static readonly Script Lease = new(Common + """
        local there = stampOf(KEYS[1])
        if there > 0 and there ~= tonumber(ARGV[3]) and there < time() + 3600000000 then return {2, 0} end
        local now = after()
        if redis.call('SET', KEYS[2], ARGV[1] .. string.format('%.0f', now), 'NX', 'PX', ARGV[2]) then return {1, now} end
        return {0, redis.call('PTTL', KEYS[2])}
        """);

    /// <summary>
    /// Reads a value or, when there is none, requests the lease. KEYS: value, lease, tombstone. ARGV: token, lease ms. Returns the value,
    /// or {1, stamp}: granted; or {0, ms left}: another node holds the lease.
    /// </summary>
    public static readonly Script GetOrLease = new(Common + """
        local value = redis.call('GET', KEYS[1])
        if value then return value end
        local now = after()
        if redis.call('SET', KEYS[2], ARGV[1] .. string.format('%.0f', now), 'NX', 'PX', ARGV[2]) then return {1, now} end
        return {0, redis.call('PTTL', KEYS[2])}
        """);

    /// <summary>
    /// Writes a factory's result unless there is something newer, a removal included. A result older than the tombstones that Redis keeps
    /// is written only while its lease is held, because a removal ends the lease.
    /// KEYS: value, lease, tombstone, marker of pattern removals. ARGV: head, tail, ttl ms, stamp, lease or an empty text, epoch, lifetime
    /// of a tombstone in ms, channel, message head, message body. Returns 1 when stored, 0 when not, -1 when memory was full.
    /// </summary>
    public static readonly Script Store = new(Common + """
        local stamp = tonumber(ARGV[4])
        local stored = 1
        if newer(stampOf(KEYS[1]), stamp) or newer(number(KEYS[3]), stamp) then stored = 0 end
        if stored == 1 and number(KEYS[4]) >= tonumber(ARGV[6]) then
          redis.call('UNLINK', KEYS[1])
          stored = 0
        end
        local held = holds(ARGV[5])
        if not held and stamp < time() - tonumber(ARGV[7]) * 1000 then stored = 0 end
        if held then redis.call('DEL', KEYS[2]) end
        if stored == 1 then
          local set = redis.pcall('SET', KEYS[1], ARGV[1] .. struct.pack('>I8', stamp) .. ARGV[2], 'PX', ARGV[3])
          if set.err then
            redis.call('UNLINK', KEYS[1])
            stored = -1
          end
        end
        redis.call('PUBLISH', ARGV[8], ARGV[9] .. struct.pack('>I8', stamp) .. ARGV[10])
        return stored
        """);

    /// <summary>Releases the lease and wakes its waiters. KEYS: value, lease. ARGV: lease, channel, message head, message body.</summary>
    public static readonly Script Release = new(Common + """
        if holds(ARGV[1]) then redis.call('DEL', KEYS[2]) end
        redis.call('PUBLISH', ARGV[2], ARGV[3] .. struct.pack('>I8', 0) .. ARGV[4])
        return 1
        """);

    /// <summary>Extends a lease. KEYS: value, lease. ARGV: lease, lease ms. Returns 1 while the caller holds it.</summary>
    public static readonly Script Renew = new(Common + """
        if holds(ARGV[1]) then return redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
        return 0
        """);

    /// <summary>Returns the server's time, for stamps of past moments. KEYS: any key of that server.</summary>
    public static readonly Script Now = new("""
        local clock = redis.call('TIME')
        return clock[1] * 1000000 + clock[2]
        """);

    /// <summary>
    /// Removes a tag. KEYS: clock, tag. ARGV: known epoch, ttl ms (0 for none), channel, message head, message body. Returns the epoch.
    /// </summary>
    public static readonly Script RemoveTag = new(Tick + """
        local text = string.format('%.0f', now)
        if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[2], text, 'PX', ARGV[2]) else redis.call('SET', KEYS[2], text) end
        redis.call('PUBLISH', ARGV[3], ARGV[4] .. struct.pack('>I8', now) .. ARGV[5])
        return now
        """);

    /// <summary>
    /// Publishes a message with a new epoch. KEYS: clock. ARGV: known epoch, channel, message head, message body. Returns the epoch.
    /// </summary>
    public static readonly Script Publish = new(Tick + """
        redis.call('PUBLISH', ARGV[2], ARGV[3] .. struct.pack('>I8', now) .. ARGV[4])
        return now
        """);

    /// <summary>Raises the marker of removals by pattern. KEYS: marker. ARGV: epoch, ttl ms.</summary>
    public static readonly Script Mark = new("""
        local known = tonumber(redis.pcall('GET', KEYS[1])) or 0
        redis.call('PERSIST', KEYS[1])
        return redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, tonumber(ARGV[1]))), 'PX', ARGV[2])
        """);

    // Epochs increase strictly and exceed every epoch that the caller knows, however far the server's clock was set back: they are a
    // counter, and the time is only where it starts. What is beyond the integers of a double is damaged.
    private const string Tick = """
        local clock = redis.call('TIME')
        local real = clock[1] * 1000000 + clock[2]
        local now = real
        for _, known in ipairs({tonumber(redis.pcall('GET', KEYS[1])) or 0, tonumber(ARGV[1])}) do
          if known >= now and known < 9000000000000000 then now = known + 1 end
        end
        redis.call('PERSIST', KEYS[1])
        redis.call('SET', KEYS[1], string.format('%.0f', now))

        """;

    private const string Common = """
        local function stampOf(key)
          local head = redis.pcall('GETRANGE', key, 2, 9)
          if type(head) == 'string' and #head == 8 then return struct.unpack('>I8', head) end
          return 0
        end
        local function number(key)
          local text = redis.pcall('GET', key)
          if type(text) == 'string' then return tonumber(text) or 0 end
          return 0
        end
        local function time()
          local clock = redis.call('TIME')
          return clock[1] * 1000000 + clock[2]
        end
        local function newer(there, stamp) return there >= stamp and there < time() + 3600000000 end
        local function holds(lease) return lease ~= '' and redis.pcall('GET', KEYS[2]) == lease end
        local function after()
          local now = time()
          local lease = redis.pcall('GET', KEYS[2])
          local granted = type(lease) == 'string' and tonumber(string.match(lease, '%d+$')) or 0
          for _, there in ipairs({stampOf(KEYS[1]), number(KEYS[3]), granted}) do
            if newer(there, now) then now = there + 1 end
          end
          return now
        end

        """;
}
