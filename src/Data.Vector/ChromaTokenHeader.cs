namespace Data.Vector;

/// <summary>The header that carries the token to Chroma.</summary>
public enum ChromaTokenHeader
{
    /// <summary><c>Authorization: Bearer …</c></summary>
    Authorization = 0,

    /// <summary><c>X-Chroma-Token: …</c></summary>
    XChromaToken = 1,
}
