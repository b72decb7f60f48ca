namespace Data.Vector;

/// <summary>What the graph walk reads to estimate distances. Results are always scored with the exact floats.</summary>
public enum QuantizationMode
{
    /// <summary>
    /// One byte per dimension (7 bits used), calibrated on the data. The walk reads floats while a check finds the codes too coarse.
    /// </summary>
    Codes = 0,

    /// <summary>The floats: four times the memory traffic, no calibration.</summary>
    None = 1,
}
