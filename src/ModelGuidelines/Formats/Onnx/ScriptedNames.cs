namespace ModelGuidelines.Formats.Onnx;

/// <summary>Names that the TorchScript-based exporter gives only where it was handed a scripted module.</summary>
internal static class ScriptedNames
{
    /// <summary>Whether a module's scope is a bare number below another (a trace writes the holder's name before it: <c>/seq/seq.0</c>), or an output that no node reads
    /// is called like a variable of the code (<c>x.16</c>; a trace numbers it).</summary>
    public static bool Tell(OnnxFacts facts, ScopeTree scopes) =>
        scopes.All.Exists(s => s.Parent is { Part.Length: > 0 } && IsNumber(s.Part)) || HasNamedOutput(facts);

    /// <summary>Whether a scope's part is a number and nothing else.</summary>
    public static bool IsNumber(string part) => part.Length > 0 && part.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Whether an output that no node reads has the name of a variable and the number that a script gives it.</summary>
    public static bool HasNamedOutput(OnnxFacts facts)
    {
        var named = facts.Model.Graph.Outputs.Select(o => o.Name).Where(IsVariable).ToHashSet(StringComparer.Ordinal);
        foreach (var node in named.Count == 0 ? [] : facts.Nodes)
        {
            named.ExceptWith(node.Proto.Input);
        }

        return named.Count > 0;
    }

    private static bool IsVariable(string name) =>
        name.LastIndexOf('.') is > 0 and var dot && IsNumber(name[(dot + 1)..]) && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.AsSpan(0, dot).IndexOfAny("/:.") < 0;
}
