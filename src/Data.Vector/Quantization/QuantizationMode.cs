namespace Data.Vector;

/// <summary>What the graph walk reads to estimate distances; results are always scored with the exact floats.</summary>
public enum QuantizationMode
{
    /// <summary>One byte a dimension (7 bits used), calibrated on the data; floats when a self-check finds the codes too coarse.</summary>
    Codes = 0,

    /// <summary>The floats themselves: four times the memory traffic, no calibration.</summary>
    None = 1,
}
