using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What a frozen archive (torch.jit.freeze, optimize_for_inference, optimize_for_mobile) still tells. Its modules are gone, with their names; constants
/// stand for weights, and operations keep the stacks or source ranges under which they were recorded.</summary>
/// <remarks>A weight that is read twice is a module that is called twice, without a name. A function at the root is a function. Modules without weights are told
/// apart only where each is called once by each instance of the module around it; instances show in the weights that they read at one line.</remarks>
internal sealed partial class FrozenOperations(ModelGraphBuilder graph, TraceStacks stacks)
{
    private const string Remedy = "audit the archive from before freezing, or the source";
    private const string SharedDoubt = "two modules that share the weight or have equal ones would look the same in this file, which was frozen";
    private readonly List<Item> _items = [];

    /// <param name="Function">PyTorch's name.</param>
    /// <param name="Weight">The constant that it reads; null for a function without weights.</param>
    /// <param name="Stack">Of a trace, innermost frame first; empty in a script.</param>
    /// <param name="Location">Of a script: where the code stands that was compiled.</param>
    /// <param name="Place">Of a script: the same to the character, where the code is the user's own.</param>
    /// <param name="Times">How often it runs.</param>
    /// <param name="Arms">The branches in which it stands.</param>
    /// <param name="Certainty">Whether it runs.</param>
    public sealed record Item(string Function, string? Weight, ImmutableArray<TraceFrame> Stack, SourceLocation? Location, (string File, long FirstLine, long Start)? Place, int Times, ImmutableArray<BranchArm> Arms, Certainty Certainty)
    {
        public OperationCategory Category => OperationTable.Find(Function)?.Category ?? OperationCategory.Other;
    }

    /// <summary>Whether an operation keeps neither stack nor range: prepacked convolutions and linear layers of mobile archives.</summary>
    public bool HasUnplaced { get; private set; }

    public void Add(Item item) => _items.Add(item);

    /// <summary>The constant behind an operation's weight: the first that it takes.</summary>
    public static string? WeightOf(string function, List<ScriptValue> arguments) =>
        OperationTable.Find(function) is { Category: OperationCategory.Module, IsConstructible: false } || function is "addmm" or "matmul"
            ? arguments.SelectMany(a => a.Items is { } items ? items : (IEnumerable<ScriptValue>)[a]).FirstOrDefault(a => a is { Kind: ScriptKind.Constant, Name: not null })?.Name
            : null;

    /// <summary>The first of the constants that are made of the same bytes, for each: one weight that was prepacked twice is two constants.</summary>
    /// <param name="constants">What <c>constants.pkl</c> holds.</param>
    public static Dictionary<string, string> SameConstants(PickleValue constants)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        var items = constants.Elements;
        for (var i = 0; i < items.Length; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"c{i}");
            if (BytesOf(items[i], 0) is { } key && !first.TryAdd(key, name))
            {
                same[name] = first[key];
            }
        }

        return same;
    }

    /// <summary>The storage of the first tensor in it, and the place there.</summary>
    private static string? BytesOf(PickleValue value, int depth) => value switch
    {
        _ when depth > 8 => null,
        PickleObject { Arguments: PickleTuple { Items: [PicklePersistent { Id: PickleTuple { Items: [_, _, PickleText key, ..] } }, PickleInteger offset, ..] } } =>
            string.Create(CultureInfo.InvariantCulture, $"{key.Value}+{offset.Value}"),
        PickleObject o => BytesOf(o.Arguments, depth + 1) ?? (o.State is null ? null : BytesOf(o.State, depth + 1)),
        _ => value.Elements.Take(8).Select(e => BytesOf(e, depth + 1)).FirstOrDefault(k => k is not null),
    };

    /// <summary>Says what can be said; after all operations were seen.</summary>
    public void Resolve()
    {
        foreach (var uses in _items.Where(i => i.Weight is not null && IsModuleCode(i)).GroupBy(i => (i.Function, i.Weight)))
        {
            AddCalls(uses.Key.Function, uses.Key.Weight!, [.. uses]);
        }

        var traced = _items.Where(i => !i.Stack.IsEmpty).Select(i => (Item: i, Place: stacks.Place(i.Stack))).ToList();
        foreach (var group in traced.GroupBy(t => t.Place.Around))
        {
            ExplainTraced([.. group]);
        }

        ExplainScripted([.. _items.Where(i => i.Stack.IsEmpty)]);
    }

    private void AddCalls(string function, string weight, List<Item> uses)
    {
        if (uses.Sum(u => Math.Min(u.Times, 2)) < 2)
        {
            return;
        }

        var depth = uses[0].Stack.IsEmpty ? 1 : stacks.Place(uses[0].Stack).Depth;
        var name = NameOf(weight, depth);
        var module = graph.Add(new()
        {
            QualifiedName = name ?? $"({function} of {weight})",
            Unnamed = name is null ? $"{function} with the weight '{weight}'" : null,
            Parent = 0,
            Origin = ModuleOrigin.Framework,
        });
        foreach (var use in uses)
        {
            graph.Calls.Add(new()
            {
                Module = module,
                Node = $"{function} ({weight})",
                Location = use.Stack.IsEmpty ? UsersOwn(use.Location) : stacks.Explain(use.Stack).Location,
                Times = use.Times,
                Arms = use.Arms,
                Certainty = use.Certainty.And(Certainty.Likely(SharedDoubt)),
            });
        }
    }

    /// <summary>The weight behind a variable of optimize_for_inference, which numbers what it copies: <c>self_conv_weight_1_mkldnn0</c>.</summary>
    public static string PlainName(string variable) => CopiedConstant().Match(variable) is { Success: true } match ? match.Groups["name"].Value : variable;

    [GeneratedRegex(@"^(?<name>self_.+?)(_\d+)?_mkldnn\d*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex CopiedConstant();

    /// <summary>A module's name from a variable that optimize_for_inference named after its weight, <c>self_encoder_conv1_weight_mkldnn</c>, where the
    /// underscores have one reading: as many parts as the module is deep.</summary>
    private static string? NameOf(string weight, int depth)
    {
        const string Self = "self_";
        if (!weight.StartsWith(Self, StringComparison.Ordinal) || weight.IndexOf("_weight", StringComparison.Ordinal) is not (> 5 and var end))
        {
            return null;
        }

        var parts = weight[Self.Length..end].Split('_');
        return parts.Length == 1 || parts.Length == depth ? string.Join('.', parts) : null;
    }

    /// <summary>Operations in the forward of one class at one place in the tree.</summary>
    private void ExplainTraced(List<(Item Item, TracePlace Place)> group)
    {
        var instances = group[0].Place.OuterDepth == 0 ? 1 : group
            .Where(t => t.Item.Weight is not null && t.Place is { IsInFramework: true, IsInContainer: false })
            .GroupBy(t => (t.Place.UserLine, t.Item.Function))
            .Where(g => g.Select(t => t.Item.Weight).Distinct(StringComparer.Ordinal).Count() == g.Count())
            .Select(g => g.Count()).DefaultIfEmpty(0).Max();
        foreach (var calls in group.Where(t => t.Item.Weight is null || !t.Place.IsInFramework).GroupBy(t => (t.Item.Function, t.Place.Class)))
        {
            var (item, place) = calls.First();
            var category = item.Category;
            if (place.IsInFramework ? !InlinedModules.IsModules(item.Function) : category is not (OperationCategory.Module or OperationCategory.AimetModule))
            {
                continue;
            }

            if (place is { IsInFramework: false, Depth: 0 })
            {
                foreach (var call in calls)
                {
                    graph.Operations.Add(new() { Function = item.Function, Module = 0, Location = stacks.Explain(call.Item.Stack).Location, Certainty = call.Item.Certainty });
                }

                continue;
            }

            var location = stacks.Explain(item.Stack).Location;
            if (!place.IsInFramework && category is OperationCategory.Module)
            {
                graph.Gaps.Add(new($"function '{item.Function}' is called in the forward of a submodule, whose name and operations freezing took", location, GraphFacts.Operations, Remedy));
            }

            var count = calls.Sum(c => Math.Min(c.Item.Times, 2));
            if (count > Math.Max(1, instances) && item.Function is not "dropout")
            {
                graph.Gaps.Add(new(
                    string.Create(CultureInfo.InvariantCulture, $"'{item.Function}' runs {count} times: whether one module is called again, freezing took"), location, GraphFacts.ModuleCalls, Remedy));
            }
        }
    }

    /// <summary>A script keeps where the code of each operation was compiled from, and not who called it. PyTorch's code is called from anywhere; two places in the
    /// user's own code are no two calls of one module: of a module that is called twice, each place runs twice.</summary>
    private void ExplainScripted(List<Item> items)
    {
        foreach (var calls in items.Where(i => i.Weight is null || (i.Location is { } l && !IsNnModule(l))).GroupBy(i => (i.Function, i.Location?.File, UsersOwn(i.Location) is null ? null : i.Place)))
        {
            var item = calls.First();
            var isFramework = item.Location is not null && IsNnModule(item.Location);
            if (!InlinedModules.IsModules(item.Function))
            {
                continue;
            }

            if (!isFramework && item.Category is OperationCategory.Module)
            {
                var what = UsersOwn(item.Location) is null
                    ? $"'{item.Function}' may be called by a module of torch.nn, or as a function: who calls it, freezing took"
                    : $"function '{item.Function}' is called: by which module, freezing took";
                graph.Gaps.Add(new(what, UsersOwn(item.Location), GraphFacts.Operations, Remedy));
            }

            if (calls.Sum(c => Math.Min(c.Times, 2)) > 1 && item.Function is not "dropout")
            {
                graph.Gaps.Add(new($"'{item.Function}' runs more than once: whether one module is called again, freezing took", UsersOwn(item.Location), GraphFacts.ModuleCalls, Remedy));
            }
        }

        HasUnplaced = items.Exists(i => i.Weight is not null && i.Location is null);
    }

    /// <summary>Whether a module of torch.nn reads the weight, and not a function that the user handed it.</summary>
    private bool IsModuleCode(Item item) => item.Stack.IsEmpty ? item.Location is null || UsersOwn(item.Location) is null : stacks.Place(item.Stack).IsInFramework;

    /// <summary>PyTorch's own lines are no place of the user's.</summary>
    private static SourceLocation? UsersOwn(SourceLocation? location) => location is null || location.File.Replace('\\', '/').Contains("/torch/nn/", StringComparison.Ordinal) || IsNnModule(location) ? null : location;

    private static bool IsNnModule(SourceLocation location) => TorchFiles.IsModule(location.File);
}
