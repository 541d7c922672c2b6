using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>A function that a loop's rounds call: a list of modules, one for each round.</summary>
internal sealed class LoopCall(SourceFiles files, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;
    private readonly LoopRounds _rounds = new(files, familyOf);

    /// <summary>How a round calls its module.</summary>
    /// <param name="Element">What stands for the module in the loop.</param>
    /// <param name="List">The name of torch.nn.ModuleList, and what it is built over.</param>
    /// <param name="Edits">What the loop's head needs.</param>
    /// <param name="Note">What is to be said of it.</param>
    /// <param name="Reason">Why there is none; null where there is.</param>
    public sealed record Rounds(string? Element, (string Class, string Count) List, List<SourceEdit> Edits, string? Note, string? Reason)
    {
        /// <summary>The list, of what makes one module.</summary>
        public string Made(string module) => $"{List.Class}([{module} for _ in {List.Count}])";
    }

    /// <summary>The rounds of a loop around a call, or why they cannot be told.</summary>
    /// <param name="loop">The loop or comprehension.</param>
    /// <param name="call">The call of the function.</param>
    /// <param name="type">The class whose method it stands in.</param>
    /// <param name="attribute">The list's name.</param>
    /// <param name="read">Gets the attributes that count the rounds.</param>
    public Rounds Of(PythonNode loop, CallExpression call, ClassDefinition type, string attribute, HashSet<string> read)
    {
        static Rounds No(string reason) => new(null, default, [], null, reason);
        var owner = new SourceClass(_tree, type);
        if (owner.MethodNamed("__init__") is not { } init || InitBody.SuperCall(owner, init) is not { } super || ClassFamily.Self(_tree.Method(call).Method!) is not { } own)
        {
            return No($"class '{type.Name}' has no __init__ that could count them");
        }

        if (new TorchNames(_tree).Of("torch.nn.ModuleList", type) is not { } list)
        {
            return No("the file has no name for torch.nn.ModuleList that holds in __init__");
        }

        var (index, edits, noIndex) = _rounds.Index(loop, call);
        var last = super;
        var (count, noCount) = noIndex is null ? _rounds.Count(loop, super, owner, ref last, read) : (null, noIndex);
        if (count is null)
        {
            return No(noCount!);
        }

        var isCompiled = TorchScriptForm.IsCompiled(files);
        if ((isCompiled || LoopRounds.IsWrittenOut(loop)) && _rounds.Together(loop, call, attribute) is { } walked)
        {
            return new(walked.Element, (list, count), walked.Edits, null, null);
        }

        return isCompiled ? No("the file is meant for TorchScript, which takes no module of a list by a number that is counted") : new($"{own}.{attribute}[{index}]", (list, count), edits, TorchScriptForm.ByIndex, null);
    }
}
