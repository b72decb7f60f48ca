using System.Diagnostics;
using PrivateServers;

namespace Data.TestServers.Redis;

/// <summary>
/// A wall clock of its own for one process: a library, loaded before all others, adds what a file beside the process's folder holds.
/// Timers go on.
/// </summary>
internal static class SettableClock
{
    // The calls of the kernel, because looking up those of the C library would allocate memory, and the allocator asks for the time.
    private const string Source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static volatile const int64_t *seconds;

        __attribute__((constructor)) static void load(void) {
          int file = open(getenv("DATA_TEST_CLOCK"), O_RDONLY);
          void *map = mmap(0, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
          close(file);
          if (map != MAP_FAILED) seconds = map;
        }

        int clock_gettime(clockid_t id, struct timespec *now) {
          int result = syscall(SYS_clock_gettime, id, now);
          if (seconds && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += *seconds;
          return result;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
          struct timespec precise;
          clock_gettime(CLOCK_REALTIME, &precise);
          now->tv_sec = precise.tv_sec;
          now->tv_usec = precise.tv_nsec / 1000;
          return 0;
        }

        time_t time(time_t *now) {
          struct timespec precise;
          clock_gettime(CLOCK_REALTIME, &precise);
          if (now) *now = precise.tv_sec;
          return precise.tv_sec;
        }
        """;

    /// <summary>Returns the variables that give a process such a clock; skips the test where there is no C compiler.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        var (source, library) = (folder + ".clock.c", folder + ".clock.so");
        await File.WriteAllTextAsync(source, Source, cancellationToken).ConfigureAwait(false);
        await File.WriteAllBytesAsync(FileOf(folder), new byte[sizeof(long)], cancellationToken).ConfigureAwait(false);
        await CompileAsync(source, library, cancellationToken).ConfigureAwait(false);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = library,
            ["DATA_TEST_CLOCK"] = FileOf(folder),
        };
    }

    public static async Task SetAsync(string folder, TimeSpan ahead)
    {
        // In place: the process has mapped this file.
        await using var file = new FileStream(FileOf(folder), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(BitConverter.GetBytes((long)ahead.TotalSeconds)).ConfigureAwait(false);
    }

    private static string FileOf(string folder) => folder + ".clock";

    private static async Task CompileAsync(string source, string library, CancellationToken cancellationToken)
    {
        var compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(static folder => new[] { Path.Combine(folder, "gcc"), Path.Combine(folder, "clang") })
            .FirstOrDefault(File.Exists)
            ?? throw new ServerMissingException("Neither gcc nor clang is installed (eng/install-servers.sh linker).");
        using var process = Process.Start(compiler, ["-shared", "-fPIC", "-O1", "-o", library, source]);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException("The library of the clock did not compile.");
    }
}
