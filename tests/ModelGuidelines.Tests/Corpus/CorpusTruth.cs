using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelGuidelines.Tests.Corpus;

/// <summary>What was recorded when the model of one corpus folder was run: the part of truth.json that scoring reads.</summary>
internal sealed record CorpusTruth
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Framework { get; init; } = "";

    public string? Api { get; init; }

    /// <summary>A number or a text.</summary>
    public JsonElement Generation { get; init; }

    public TruthReuse[] Reused { get; init; } = [];

    public TruthFunction[] Functionals { get; init; } = [];

    public TruthInterface[] Interfaces { get; init; } = [];

    public Dictionary<string, JsonElement> Expected { get; init; } = [];

    public Dictionary<string, TruthFile> Files { get; init; } = [];

    public bool IsKeras3 => Generation.ValueKind is not JsonValueKind.Undefined && Generation.ToString() == "3";

    /// <summary>Functional by construction, though a subclass: neither answer is held against the tool.</summary>
    public bool IsApiQuestionable => Expected.TryGetValue("K1_questionable", out var list) && list.ValueKind is JsonValueKind.Array && list.GetArrayLength() > 0;

    public static CorpusTruth Load(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<CorpusTruth>(stream, Options)!;
    }
}

/// <summary>A module or layer called more than once.</summary>
internal sealed record TruthReuse
{
    public string Path { get; init; } = "";

    public string Name { get; init; } = "";

    public string[] Aliases { get; init; } = [];

    public string[] Paths { get; init; } = [];

    public string Type { get; init; } = "";

    public string Class { get; init; } = "";

    public long Calls { get; init; }

    public bool Leaf { get; init; }

    public long Parameters { get; init; }

    public string? Kind { get; init; }

    public string? Where { get; init; }

    /// <summary>Absent, a flag, or a list.</summary>
    public JsonElement AlsoHeldByWrapper { get; init; }

    [JsonIgnore]
    public IEnumerable<string> AllNames => [Path, .. Aliases];

    [JsonIgnore]
    public bool IsHeldByWrapper => AlsoHeldByWrapper.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => AlsoHeldByWrapper.GetArrayLength() > 0,
        JsonValueKind.String => AlsoHeldByWrapper.GetString()!.Length > 0,
        _ => true,
    };
}

/// <summary>A function called.</summary>
internal sealed record TruthFunction
{
    public string Module { get; init; } = "";

    public string Function { get; init; } = "";

    public string Category { get; init; } = "";

    public bool InLeaf { get; init; }

    public bool InTorchNn { get; init; }

    /// <summary>Set when another function of the framework made the call.</summary>
    public JsonElement Through { get; init; }

    [JsonIgnore]
    public bool IsIndirect => Through.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False)
        && !(Through.ValueKind is JsonValueKind.String && Through.GetString()!.Length == 0)
        && !(Through.ValueKind is JsonValueKind.Array && Through.GetArrayLength() == 0);
}

/// <summary>A value at a module's border that is no tensor.</summary>
internal sealed record TruthInterface
{
    public string Module { get; init; } = "";

    public string Direction { get; init; } = "";

    public string Type { get; init; } = "";

    public bool Soft { get; init; }
}

/// <summary>A file of the folder.</summary>
internal sealed record TruthFile
{
    public string File { get; init; } = "";
}
