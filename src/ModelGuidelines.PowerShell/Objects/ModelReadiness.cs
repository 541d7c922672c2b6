namespace ModelGuidelines;

/// <summary>What one tool of AIMET does with one model.</summary>
public sealed class ModelReadiness
{
    /// <summary>The file, as given.</summary>
    public required string Path { get; init; }

    public required string Format { get; init; }

    /// <summary>Validator, Preparer, QuantSim, Onnx or Keras.</summary>
    public required string Tool { get; init; }

    /// <summary>The name by which people know the tool.</summary>
    public required string Title { get; init; }

    /// <summary>Takes, TakesWithLosses, Undecidable, MayRefuse or Refuses.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether nothing is known to stand against it: Takes or TakesWithLosses.</summary>
    public bool IsReady => Verdict is "Takes" or "TakesWithLosses";

    /// <summary>What it raises on, reports, loses or mends, in the order in which it would fail.</summary>
    public required ItemCollection<ReadinessReason> Reasons { get; init; }

    /// <summary>What the file does not tell, and what would decide it.</summary>
    public required ItemCollection<string> Open { get; init; }

    public override string ToString() => $"{Path}: {Title}: {Verdict}";
}

/// <summary>One thing that stands in the way of a tool, or that it mends.</summary>
public sealed class ReadinessReason
{
    /// <summary>Raises, Reports, Degrades or Mends.</summary>
    public required string Effect { get; init; }

    public required string Guideline { get; init; }

    /// <summary>What happens.</summary>
    public required string Text { get; init; }

    /// <summary>Certain or Likely.</summary>
    public required string Confidence { get; init; }

    public string? Module { get; init; }

    public string? ModuleType { get; init; }

    public SourcePlace? Location { get; init; }

    /// <summary>The finding.</summary>
    public required string Message { get; init; }

    /// <summary>What to change; null where the tool mends it.</summary>
    public string? Recommendation { get; init; }

    public override string ToString() => $"{Effect}: {Guideline}: {Message}";
}
