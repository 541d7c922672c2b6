namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>How often an operator runs the graphs that it is handed.</summary>
internal enum HigherOrderKind
{
    /// <summary>Once, in their place: autocast, no_grad, strict_mode, invoke_subgraph.</summary>
    Once,

    /// <summary>One of them.</summary>
    Branch,

    /// <summary>As often as data says.</summary>
    Loop,
}

/// <summary>torch.ops.higher_order.</summary>
internal static class HigherOrderOperator
{
    public static HigherOrderKind Of(string target)
    {
        var name = target[(target.LastIndexOf('.') + 1)..];
        return name switch
        {
            "cond" => HigherOrderKind.Branch,
            "while_loop" or "while_loop_stack_output" or "map" or "map_impl" or "scan" or "associative_scan" or "for_loop" => HigherOrderKind.Loop,
            _ when target.Contains(".cond", StringComparison.Ordinal) => HigherOrderKind.Branch,
            _ when target.Contains("while_loop", StringComparison.Ordinal) || target.Contains(".map", StringComparison.Ordinal) => HigherOrderKind.Loop,
            _ => HigherOrderKind.Once,
        };
    }
}
