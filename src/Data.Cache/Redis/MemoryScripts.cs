namespace Data.Cache.Redis;

/// <summary>
/// The scripts by which a server tells whether it still remembers what it acknowledged. Its incarnation key holds, in one text: the epoch
/// of the last loss, the run id of the process, its count of evicted keys, the floor, the last heartbeat and the server's time then.
/// </summary>
/// <remarks>
/// <para>
/// The floor is the epoch up to which a tag without a generation counts as removed: its generation may have been evicted. Where a server
/// does not allow INFO, evictions cannot be seen, and the floor is always now.
/// </para>
/// <para>
/// PERSIST changes nothing and comes first because a script may write after its first write even when memory is full. A key that was
/// unlinked instead could not be written again while its slot moves.
/// </para>
/// </remarks>
internal static class MemoryScripts
{
    /// <summary>
    /// A heartbeat on the server of the tags. KEYS: clock, incarnation, generation of "*". ARGV: known epoch, epoch of the last heartbeat
    /// that the caller has heard (0 for none), channel, message head, message body. After a loss it removes everything; also where the
    /// keys are missing and the server evicts, because they may have been evicted. Returns {epoch, time, epoch of the last loss, run id,
    /// count of evictions, epoch of the last removal of everything, 1 when it found a loss}.
    /// </summary>
    public static readonly Script Beat = new(Recall + """
        local last = tonumber(redis.pcall('GET', KEYS[1])) or 0
        local there = recall(KEYS[2])
        local all = tonumber(redis.pcall('GET', KEYS[3]))
        local now = real
        for _, known in ipairs({last, tonumber(ARGV[1]), there and there.beat or 0}) do
          if known >= now and known < 9000000000000000 then now = known + 1 end
        end
        local lost = forgot(there, tonumber(ARGV[2]))
        if there then lost = lost or not all else lost = lost or last > 0 or all end
        local unsure = lost or not there and evicted ~= '0'
        redis.call('PERSIST', KEYS[2])
        redis.call('SET', KEYS[1], text(now))
        if unsure or not all then
          all = unsure and now or 0
          redis.call('SET', KEYS[3], text(all))
        end
        local floor = there and there.floor or 0
        if unsure or there and not sameMemory(there) then floor = now end
        local since = there and not lost and there.since or now
        remember(KEYS[2], since, floor, now)
        redis.call('PUBLISH', ARGV[3], ARGV[4] .. struct.pack('>I8', now) .. text(all) .. ARGV[5])
        return {now, real, since, run, evicted, all, lost and 1 or 0}
        """);

    /// <summary>
    /// A heartbeat on another server. KEYS: incarnation. ARGV: the caller's last heartbeat there (0 for none), 1 when a loss has been dealt
    /// with. A loss is not recorded before that. Returns {heartbeat, epoch of the last loss, run id, count of evictions, 1 when it found a
    /// loss}.
    /// </summary>
    public static readonly Script Witness = new(Recall + """
        local there = recall(KEYS[1])
        local lost = forgot(there, tonumber(ARGV[1]))
        local now = real
        if there and there.beat >= now then now = there.beat + 1 end
        local since = there and not lost and there.since or now
        if not lost or ARGV[2] == '1' then
          redis.call('PERSIST', KEYS[1])
          remember(KEYS[1], since, 0, now)
        end
        return {now, since, run, evicted, lost and 1 or 0}
        """);

    /// <summary>
    /// Reads the epochs at which tags were last removed; the floor for a tag without a generation. KEYS: clock, incarnation, tags. ARGV:
    /// known epoch.
    /// </summary>
    public static readonly Script Tags = new(Recall + """
        local there = recall(KEYS[2])
        local floor = there and there.floor
        if not there or not sameMemory(there) then
          floor = math.max(tonumber(redis.pcall('GET', KEYS[1])) or 0, there and there.beat or 0, tonumber(ARGV[1]))
        end
        local epochs = {}
        for i = 3, #KEYS do epochs[i - 2] = tonumber(redis.pcall('GET', KEYS[i])) or floor end
        return epochs
        """);

    private const string Recall = """
        local clock = redis.call('TIME')
        local real = clock[1] * 1000000 + clock[2]
        local function info(section, field)
          local answer = redis.pcall('INFO', section)
          return type(answer) == 'string' and string.match(answer, field .. ':(%w+)') or ''
        end
        local run = info('server', 'run_id')
        local evicted = info('stats', 'evicted_keys')
        local function text(number) return string.format('%.0f', number) end
        local function recall(key)
          local line = redis.pcall('GET', key)
          if type(line) ~= 'string' then return nil end
          local since, id, count, floor, beat, time = string.match(line, '^(%d+) (%w*) (%w*) (%d+) (%d+) (%d+)$')
          return since and { since = tonumber(since), run = id, evicted = count, floor = tonumber(floor), beat = tonumber(beat),
            time = tonumber(time) }
        end
        local function remember(key, since, floor, beat)
          redis.call('SET', key, table.concat({text(since), run, evicted, text(floor), text(beat), text(real)}, ' '))
        end
        local function sameMemory(there) return there.run == run and there.evicted == evicted and evicted ~= '' end
        local function forgot(there, heard)
          if not there then return heard > 0 end
          if there.run ~= run and heard == 0 then return true end
          return there.beat < heard or real + 60000000 < there.time
        end

        """;
}
