using Data.Health.Contributors.Process;
using Data.Health.Starvation;
using Data.Health.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Contributors;

public sealed class ProcessCheckTests : IDisposable
{
    private static readonly HealthCheckContext Context = new();
    private readonly string _root = Directory.CreateTempSubdirectory("health").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(84.9, HealthStatus.Healthy)]
    [InlineData(85, HealthStatus.Degraded)]
    [InlineData(94.9, HealthStatus.Degraded)]
    [InlineData(95, HealthStatus.Unhealthy)]
    public async Task Disk_UsedShare_IsJudgedAtItsLimits(double percent, HealthStatus expected)
    {
        var free = (long)Math.Round((100 - percent) * 1000);
        var check = new DiskCheck(new DiskHealthOptions { Path = _root }, _ => new DiskSpace(100_000, free, free));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(expected);
    }

    [Fact]
    public async Task Disk_BelowMinimumFreeBytes_IsUnhealthyWhateverTheShare()
    {
        var check = new DiskCheck(new DiskHealthOptions { Path = _root, MinimumFreeBytes = 80 }, _ => new DiskSpace(100, 70, 70));
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("disk_full");
    }

    [Fact]
    public async Task Disk_RealFileSystem_IsMeasured()
    {
        var result = await new DiskCheck(new DiskHealthOptions { Path = _root }, DiskSpace.Measure).CheckHealthAsync(Context, Cancellation);
        ((long)result.Data["total_bytes"]).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Disk_MissingPath_IsUnhealthy()
    {
        var check = new DiskCheck(new DiskHealthOptions { Path = Path.Combine(_root, "none") }, DiskSpace.Measure);
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("path_missing");
    }

    [Fact]
    public void Memory_CgroupV2_TakesTheTightestLimitWithoutPageCache()
    {
        Write("proc/self/cgroup", "0::/pod/app\n");
        Write("sys/fs/cgroup/pod/app/memory.max", "max\n");
        Write("sys/fs/cgroup/pod/app/memory.current", "900\n");
        Write("sys/fs/cgroup/pod/memory.max", "1000\n");
        Write("sys/fs/cgroup/pod/memory.current", "960\n");
        Write("sys/fs/cgroup/pod/memory.stat", "anon 700\ninactive_file 100\n");
        Write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(860, 1000, "cgroup-v2"));
    }

    [Fact]
    public void Memory_CgroupV2OfAContainer_FindsTheLimitAtTheMount()
    {
        Write("proc/self/cgroup", "0::/../outside\n");
        Write("sys/fs/cgroup/memory.max", "1000\n");
        Write("sys/fs/cgroup/memory.current", "500\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(500, 1000, "cgroup-v2"));
    }

    [Fact]
    public void Memory_CgroupV1_IsReadWhenThereIsNoV2()
    {
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n");
        Write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 200\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(500, 1000, "cgroup-v1"));
    }

    [Fact]
    public void Memory_CgroupV1Nested_FindsTheLimitOfTheOwnGroup()
    {
        Write("proc/self/cgroup", "12:cpuset:/\n9:cpu,memory:/docker/abc\n0::/docker/abc\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "99999\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "30000\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "20000\n");
        Write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(20000, 30000, "cgroup-v1"));
    }

    [Fact]
    public void Memory_CgroupV2Nested_TakesTheLimitThatIsClosestToItsEnd()
    {
        Write("proc/self/cgroup", "0::/slice/pod/app\n");
        Write("sys/fs/cgroup/slice/memory.max", "50000\n");
        Write("sys/fs/cgroup/slice/memory.current", "49000\n");
        Write("sys/fs/cgroup/slice/pod/app/memory.max", "1000\n");
        Write("sys/fs/cgroup/slice/pod/app/memory.current", "500\n");
        Write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 1 kB\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(49000, 50000, "cgroup-v2"));
    }

    [Theory]
    [InlineData(102_400)]
    [InlineData(500_000)]
    public void Memory_LimitNotBelowTheMachine_IsNone(long limit)
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/memory.max", $"{limit}\n");
        Write("sys/fs/cgroup/memory.current", "10\n");
        Write("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 4 kB\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(96 * 1024, 100 * 1024, "machine"));
    }

    [Fact]
    public void Memory_NoLimit_IsThatOfTheMachine()
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n");
        Write("proc/meminfo", "MemTotal:       100 kB\nMemFree: 1 kB\nMemAvailable:    20 kB\n");
        new MemoryReader(_root).Read().ShouldBe(new MemoryUse(80 * 1024, 100 * 1024, "machine"));
    }

    [Fact]
    public void Memory_NoFiles_AsksTheRuntime() => new MemoryReader(_root).Read().Source.ShouldBe("runtime");

    [Theory]
    [InlineData(84, HealthStatus.Healthy)]
    [InlineData(85, HealthStatus.Degraded)]
    [InlineData(95, HealthStatus.Unhealthy)]
    public async Task Memory_UsedShare_IsJudgedAtItsLimits(int percent, HealthStatus expected)
    {
        Write("proc/meminfo", $"MemTotal: 100 kB\nMemAvailable: {100 - percent} kB\n");
        var check = new MemoryCheck(new MemoryHealthOptions(), new MemoryReader(_root));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0.2, HealthStatus.Healthy, HealthStatus.Healthy)]
    [InlineData(0.25, HealthStatus.Degraded, HealthStatus.Healthy)]
    [InlineData(29, HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    public async Task ThreadPool_Lag_IsJudgedAndAStarvationIsSeenAfterIt(double seconds, HealthStatus now, HealthStatus after)
    {
        var time = new FakeTimeProvider();
        Action? item = null;
        var lag = new PoolLag(time, work => item = work);
        var check = new ThreadPoolCheck(new ThreadPoolHealthOptions(), lag);
        lag.Sample();
        time.Advance(TimeSpan.FromSeconds(seconds));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(now);

        item!();
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(now);
        lag.Sample();
        item!();
        time.Advance(TimeSpan.FromSeconds(14));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(after);
        time.Advance(TimeSpan.FromSeconds(2));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Theory]
    [InlineData(5, HealthStatus.Healthy)]
    [InlineData(10, HealthStatus.Degraded)]
    [InlineData(30, HealthStatus.Unhealthy)]
    public async Task GcPressure_ShareOfPauses_IsJudged(int percent, HealthStatus expected)
    {
        var time = new FakeTimeProvider();
        var pause = TimeSpan.Zero;
        var check = new GcPressureCheck(new GcPressureHealthOptions(), time, () => pause);
        time.Advance(TimeSpan.FromSeconds(100));
        pause = TimeSpan.FromSeconds(percent);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(expected);

        time.Advance(TimeSpan.FromSeconds(100));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
