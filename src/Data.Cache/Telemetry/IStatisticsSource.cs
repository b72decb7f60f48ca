namespace Data.Cache.Telemetry;

/// <summary>A cache whose counters the meter reads when it is asked.</summary>
internal interface IStatisticsSource
{
    string Name { get; }

    DataCacheStatistics Read();
}
