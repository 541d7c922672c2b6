namespace ModelGuidelines;

/// <summary>A module of a model: names instead of indices, and its place in the tree.</summary>
public sealed class ModelModule
{
    public required string Path { get; init; }

    /// <summary>Qualified name; "" is the root.</summary>
    public required string Name { get; init; }

    public string? Type { get; init; }

    /// <summary>Qualified name of the module that holds it; null for a root.</summary>
    public string? Parent { get; init; }

    /// <summary>Levels below the root.</summary>
    public int Depth { get; init; }

    /// <summary>The modules that it holds, as far as they were asked for.</summary>
    public ItemCollection<ModelModule> Children { get; internal set; } = new([]);

    public int CallCount { get; init; }

    public required ItemCollection<ModuleUse> Calls { get; init; }

    public bool IsReused { get; init; }

    /// <summary>Functions that its own code calls, by PyTorch's names.</summary>
    public required ItemCollection<string> Functions { get; init; }

    public required ItemCollection<string> Parameters { get; init; }

    public required ItemCollection<string> Aliases { get; init; }

    public SourcePlace? Location { get; init; }

    public override string ToString() => $"{(Name.Length == 0 ? "(root)" : Name)}{(Type is null ? "" : $" ({Type})")}";
}

/// <summary>A value on an edge of the graph.</summary>
public sealed class ModelValue
{
    public required string Name { get; init; }

    /// <summary>As the file names it: <c>float32</c>; null when unknown.</summary>
    public string? ElementType { get; init; }

    /// <summary>Dimensions, symbolic ones by name, unknown ones "?"; null when the rank is unknown.</summary>
    public ItemCollection<string>? Shape { get; init; }

    public override string ToString() => ElementType is null && Shape is null ? Name : $"{Name}: {ElementType ?? "?"}{(Shape is null ? "" : $"[{string.Join(',', Shape)}]")}";
}

/// <summary>A node of a model's graph.</summary>
public sealed class ModelNode
{
    public required string Path { get; init; }

    public required string Name { get; init; }

    public required string OpType { get; init; }

    /// <summary>Qualified name of the module in whose scope it runs; null where the file does not tell.</summary>
    public string? Module { get; init; }

    /// <summary>The subgraph or function it stands in; "" for the main graph.</summary>
    public string Graph { get; init; } = "";

    public required ItemCollection<ModelValue> Inputs { get; init; }

    public required ItemCollection<ModelValue> Outputs { get; init; }

    public SourcePlace? Location { get; init; }

    public override string ToString() => $"{Name} ({OpType})";
}

/// <summary>What a guideline is.</summary>
public sealed class ModelGuideline
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string Framework { get; init; }

    /// <summary>Of an ordinary finding.</summary>
    public required string Severity { get; init; }

    /// <summary>Where AIMET says so.</summary>
    public required string Source { get; init; }

    public required Uri HelpUri { get; init; }

    public override string ToString() => Id;
}
