using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>Where a reader is in a JSON text; the pointer is only written when it is asked for.</summary>
internal struct JsonPlace()
{
    private readonly Step[] _steps = new Step[JsonText.MaxDepth + 1];
    private int _depth;

    /// <summary>The name of the member that was read last; null when it cannot be written.</summary>
    public readonly string? Last => _steps[_depth].Name;

    public readonly void Name(string? name) => _steps[_depth].Name = name;

    public void Enter(bool isArray) => _steps[++_depth] = new Step { IsArray = isArray };

    public void Leave() => _depth--;

    /// <summary>Moves on behind a value.</summary>
    public readonly void Next() => _steps[_depth].Index++;

    /// <summary>The pointer to the value that is read now.</summary>
    public readonly string Value() => PointerTo(_depth);

    /// <summary>The pointer to the object that is read now.</summary>
    public readonly string Parent() => PointerTo(_depth - 1);

    private readonly string PointerTo(int depth)
    {
        var pointer = "";
        for (var i = 1; i <= depth; i++)
        {
            pointer = _steps[i].IsArray
                ? JsonPointer.Join(pointer, _steps[i].Index)
                : JsonPointer.Join(pointer, _steps[i].Name ?? "");
        }

        return pointer;
    }

    private struct Step
    {
        public bool IsArray;
        public int Index;
        public string? Name;
    }
}
