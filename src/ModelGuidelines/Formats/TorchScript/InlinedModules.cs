using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Code of torch.nn's own modules that stands in another module's code: a module that was inlined (torch._C._jit_pass_inline; up to PyTorch 2.0 a scripted
/// child of a traced module), called by its forward, or held in a plain list; or a class that inherits its forward.</summary>
/// <param name="graph">Modules, and where gaps go.</param>
/// <param name="addCall">Notes a call of a module, with the function that shows it, its place, and how sure that is.</param>
internal sealed class InlinedModules(ModelGraphBuilder graph, Action<ScriptModule, string, SourceLocation?, Certainty> addCall)
{
    private readonly Dictionary<(int Caller, string Function), (SourceLocation? Location, bool IsFunction)> _unknown = [];
    private readonly List<Operation> _users = [];
    private bool _isAny;

    /// <summary>Whether the code calls a module: then it was not inlined as a whole.</summary>
    public bool HasCalls { get; set; }

    /// <summary>Whether modules of the user's were inlined: no border of theirs is left.</summary>
    public bool HidesBorders { get; private set; }

    /// <param name="caller">The module in whose code it stands.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">What it takes: the weight tells the module.</param>
    /// <param name="location">Where the user's code makes the call, where the file tells.</param>
    /// <param name="isFunction">Whether it is code of torch.nn.functional, which the user's own may call too.</param>
    public void Note(int caller, string function, List<ScriptValue> arguments, SourceLocation? location, bool isFunction)
    {
        _isAny = true;
        var owners = arguments.SelectMany(a => a.Items is { } items ? items : (IEnumerable<ScriptValue>)[a]).Select(a => a.Owner).OfType<ScriptModule>().ToList();

        if (owners.RemoveAll(IsReadByItsHolder) > 0 && owners.Count == 0)
        {
            return;
        }

        // A weight that is read beside another module's bias is tied: the module is the one whose bias it is. So is one that a module of another kind reads.
        var owner = owners.LastOrDefault() is { } last && (function is "embedding" or "embedding_bag") == IsEmbedding(last) ? last : null;
        if (owner is null && IsModules(function))
        {
            _unknown.TryAdd((caller, function), (location, isFunction));
        }
        else if (owner is not null && owner.Index != caller && graph.Modules[owner.Index].Origin is ModuleOrigin.Framework && OperationTable.Find(function) is { Category: OperationCategory.Module, IsConstructible: false })
        {
            addCall(owner, function, location, owners.Count > 1 ? Certainty.Certain : Certainty.Likely("a module that is tied to the same weight would look the same in this file"));
        }
    }

    private static bool IsEmbedding(ScriptModule module) => module.Class?.Name is { } name && (name.EndsWith(".Embedding", StringComparison.Ordinal) || name.EndsWith(".EmbeddingBag", StringComparison.Ordinal));

    /// <summary>The output projection of torch.nn.MultiheadAttention is never called: attention reads its weight.</summary>
    private static bool IsReadByItsHolder(ScriptModule module) => module.Class?.Name.EndsWith(".NonDynamicallyQuantizableLinear", StringComparison.Ordinal) == true;

    /// <summary>Whether a module of torch.nn computes nothing but this: what moves data is a part of other modules' code, but for Flatten and Unflatten.</summary>
    public static bool IsModules(string function) =>
        OperationTable.Find(function)?.Category is OperationCategory.Module or OperationCategory.AimetModule || function is "flatten" or "unflatten";

    /// <summary>Notes an operation of the user's code that was traced further inside than the code that holds it.</summary>
    public void NoteUsers(Operation operation) => _users.Add(operation);

    /// <summary>What has no weight may be any module that nothing else calls; where all are called, it is none that the model holds.</summary>
    public void AddGaps()
    {
        if (!_isAny && _users.Count == 0)
        {
            return;
        }

        if (_unknown.Count > 0)
        {
            AddSequentials();
        }

        var called = graph.Calls.Select(c => c.Module).ToHashSet();
        var isUsersInlined = !HasCalls && Enumerable.Range(0, graph.Modules.Count).Any(m => graph.Modules[m] is { Parent: not null, Origin: ModuleOrigin.User } && !called.Contains(m));
        HidesBorders = isUsersInlined;
        foreach (var operation in _users)
        {
            if (!isUsersInlined)
            {
                graph.Operations.Add(operation); // of a module that is not registered
            }
            else if (OperationTable.Find(operation.Function) is { Category: OperationCategory.Module })
            {
                graph.Gaps.Add(new(
                    $"the function {operation.Function} is called by a module whose code is inlined in {(graph.Modules[operation.Module].QualifiedName is { Length: > 0 } holder ? $"that of '{holder}'" : "the root's")}: nothing tells which it is",
                    operation.Location, GraphFacts.Operations, "audit the archive from before inlining, or the source"));
            }
        }

        var uncalled = new HashSet<int>();
        for (var i = 0; i < graph.Modules.Count; i++)
        {
            if (!called.Contains(i) && graph.Modules[i].Origin is ModuleOrigin.Framework)
            {
                for (var parent = graph.Modules[i].Parent; parent is { } p && uncalled.Add(p); parent = graph.Modules[p].Parent)
                {
                    // Every module above it.
                }
            }
        }

        foreach (var ((caller, function), (location, isFunction)) in _unknown)
        {
            if (isFunction || uncalled.Contains(caller))
            {
                graph.Gaps.Add(new(
                    $"'{function}' of a module of torch.nn{(isFunction ? ", or of a function," : "")} is inlined in the code of {(graph.Modules[caller].QualifiedName is { Length: > 0 } name ? $"'{name}'" : "the root")}: nothing tells which it is",
                    location,
                    isFunction && OperationTable.Find(function)?.Category is OperationCategory.Module ? GraphFacts.ModuleCalls | GraphFacts.Operations : GraphFacts.ModuleCalls,
                    "audit the archive from before inlining, or the source"));
            }
        }
    }

    /// <summary>A Sequential runs each of its modules once: where those that have weights were inlined equally often, so were the others, which no weight tells.</summary>
    private void AddSequentials()
    {
        const string Doubt = "a loop over its modules in the caller's own code would look the same";
        var calls = graph.Calls.Where(c => c.Caller is not null).ToLookup(c => c.Module);
        var children = Enumerable.Range(0, graph.Modules.Count).Where(m => graph.Modules[m].Parent is not null).ToLookup(m => graph.Modules[m].Parent!.Value);
        for (var i = 0; i < graph.Modules.Count; i++)
        {
            if (graph.Modules[i].Type?.EndsWith(".container.Sequential", StringComparison.Ordinal) != true || calls.Contains(i))
            {
                continue;
            }

            var inside = children[i].Select(c => calls[c].ToList()).ToList();
            var known = inside.Where(c => c.Count > 0).ToList();
            if (known.Count < inside.Count && known.Count > 0 && known.TrueForAll(c => c.Count == known[0].Count && c.TrueForAll(k => k.Caller != i)))
            {
                graph.Calls.AddRange(known[0].ConvertAll(c => c with { Module = i, Node = $"{graph.Modules[i].QualifiedName} (inlined)", Certainty = c.Certainty.And(Certainty.Likely(Doubt)) }));
            }
        }
    }
}
