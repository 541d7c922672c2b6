using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Decides for each suffixed scope whether the suffix counts calls or is part of an attribute's name.</summary>
/// <param name="facts">The file.</param>
/// <param name="scopes">Its scopes.</param>
/// <param name="weights">Its weights.</param>
/// <param name="outside">Scopes whose module is known already, whatever their names end in.</param>
internal sealed class ScopeSuffixes(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights, IReadOnlyDictionary<Scope, Certainty> outside)
{
    private enum Reading
    {
        Undecided,
        Attribute,
        Call,
    }

    private readonly Dictionary<Scope, Reading> _proven = [];

    /// <summary>Scopes with modules inside whose names are proven to end in that number.</summary>
    private readonly HashSet<(Scope Parent, int Suffix)> _attributes = [];

    /// <summary>How many scopes inside another are proven to be further calls of that number.</summary>
    private readonly Dictionary<(Scope Parent, int Suffix), int> _calls = [];
    private Dictionary<string, int>? _producers;

    public void Decide()
    {
        var suffixed = scopes.Owners.FindAll(s => s.Suffix > 0);
        foreach (var scope in suffixed)
        {
            var reading = _proven[scope] = outside.ContainsKey(scope) ? Reading.Attribute : Prove(scope);
            if (reading is Reading.Call && IsFirm(scope))
            {
                _calls[(scope.Parent!, scope.Suffix)] = _calls.GetValueOrDefault((scope.Parent!, scope.Suffix)) + 1;
            }
            else if (reading is Reading.Attribute && !outside.ContainsKey(scope) && scopes.Find(scope.BaseDisplay!) is not null)
            {
                _attributes.Add((scope.Parent!, scope.Suffix));
            }
        }

        foreach (var scope in scopes.Owners)
        {
            Decide(scope);
        }
    }

    private void Decide(Scope scope)
    {
        if (scope.Suffix == 0)
        {
            scope.Calls.Add((scope.Nodes, Certainty.Certain));
            return;
        }

        switch (_proven[scope])
        {
            case Reading.Attribute:
                AddAttribute(scope);
                break;
            case Reading.Call:
                scope.Module = scope.BaseName!;
                scope.Calls.Add((scope.Nodes, (ReadsOneWeight(scope) || !IsFirm(scope)) && !IsCalledWithSiblings(scope)
                    ? Certainty.Likely($"a separate module '{scope.RealName}' tied to the same weight would look the same in this file")
                    : Certainty.Certain));
                break;
            default:
                if (SiblingsUseSuffixes(scope) && !IsCallOfNumbered(scope) && !IsCallOfContainer(scope))
                {
                    AddAttribute(scope);
                    break;
                }

                scope.Module = scope.BaseName!;
                scope.Calls.Add((scope.Nodes, IsCalledWithSiblings(scope)
                    ? Certainty.Certain
                    : Certainty.Likely($"a separate module with the attribute name '{scope.Part}' would look the same in this file")));
                break;
        }
    }

    /// <summary>A module of its own; where its last nodes are the base's over again, they may be a further call of the base, whose name clashes.</summary>
    private void AddAttribute(Scope scope)
    {
        scope.Calls.Add((scope.Nodes, Certainty.Certain));
        if (scopes.Find(scope.BaseDisplay!) is not { Nodes.Count: > 0, Children.Count: 0 } first || scope.Children.Count > 0
            || !scope.Pattern.EndsWith($" {first.Pattern}", StringComparison.Ordinal))
        {
            return;
        }

        // The exporter gives the base's second call the name that the attribute already has: then the attribute computes the same twice, or other modules run between.
        var own = scope.Nodes.Count - first.Nodes.Count;
        if (own < 1)
        {
            return; // operators with blanks in their names look like several
        }

        if (scope.Pattern == $"{first.Pattern} {first.Pattern}" || IsInterrupted(scope, own))
        {
            scope.Calls.Clear();
            scope.Calls.Add((scope.Nodes[..own], Certainty.Certain));
            first.Calls.Add((scope.Nodes[own..], Certainty.Likely($"a module '{scope.RealName}' that computes '{scope.Pattern}' would look the same in this file")));
        }
    }

    /// <summary>Whether another module's nodes stand before the scope's node at <paramref name="at"/>: a module without submodules calls no other.
    /// In a graph that was sorted anew, whether they compute what it reads from what the scope's node before it computes.</summary>
    private bool IsInterrupted(Scope scope, int at)
    {
        var others = scopes.Owners.Where(o => o != scope && o.Children.Count == 0 && o.Parent is not null);
        return facts.IsReordered
            ? LeadsThrough(scope.Nodes[at - 1], scope.Nodes[at], others.SelectMany(o => o.Nodes).ToHashSet())
            : others.Any(o => o.Nodes.Exists(n => n > scope.Nodes[at - 1] && n < scope.Nodes[at]));
    }

    /// <summary>Whether a path of values leads from one node to another through one of the others.</summary>
    private bool LeadsThrough(int from, int to, HashSet<int> others)
    {
        _producers ??= facts.Nodes.SelectMany((n, i) => n.Proto.Output.Select(o => (o, i))).GroupBy(p => p.o, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().i, StringComparer.Ordinal);
        var seen = new HashSet<(int Node, bool Through)>();
        var pending = new Stack<(int Node, bool Through)>([(to, false)]);
        while (pending.TryPop(out var next))
        {
            foreach (var input in facts.Nodes[next.Node].Proto.Input)
            {
                if (!_producers.TryGetValue(input, out var producer))
                {
                    continue;
                }

                if (producer == from && next.Through)
                {
                    return true;
                }

                var state = (producer, next.Through || others.Contains(producer));
                if (producer != from && seen.Add(state))
                {
                    pending.Push(state);
                }
            }
        }

        return false;
    }

    private Reading Prove(Scope scope)
    {
        // Scopes inside carry the attribute names of those around them, never a call's number.
        if (scope.Children.Count > 0)
        {
            return Reading.Attribute;
        }

        // Its own parameters, or the first call's.
        if (weights.Owns(scope.RealName))
        {
            return Reading.Attribute;
        }

        if (scope.Nodes.Exists(n => weights.Owners(facts.Nodes[n], []).Contains(scope.BaseName!)))
        {
            return Reading.Call;
        }

        // A further call of act would be act_2: what is called again under its whole name is called so.
        if (scopes.Find($"{scope.Display}_1") is { Nodes.Count: > 0, Children.Count: 0 } again && again.Pattern == scope.Pattern && !weights.Owns(again.RealName))
        {
            return Reading.Attribute;
        }

        // The first call may be gone, folded with what it was given: further ones read one nameless weight.
        if (scopes.Find(scope.BaseDisplay!) is not { Nodes.Count: > 0 } && MatrixOf(scope) is { } matrix
            && scope.Parent!.Children.Exists(c => c != scope && c.BaseDisplay == scope.BaseDisplay && MatrixOf(c) == matrix))
        {
            return Reading.Call;
        }

        // The n-th call comes after the one before it.
        var previousDisplay = scope.Suffix == 1 ? scope.BaseDisplay! : $"{scope.BaseDisplay}_{scope.Suffix - 1}";
        if (scopes.Find(scope.BaseDisplay!) is not { Nodes.Count: > 0 } first || scopes.Find(previousDisplay) is not { Nodes.Count: > 0 } previous
            || (!facts.IsReordered && (first.Nodes[0] > scope.Nodes[0] || previous.Nodes[0] > scope.Nodes[0])))
        {
            return Reading.Attribute;
        }

        // Two calls of one module compute the same.
        if (first.Children.Count == 0 && first.Pattern != scope.Pattern && !scope.Pattern.StartsWith(first.Pattern, StringComparison.Ordinal) && !first.Pattern.StartsWith(scope.Pattern, StringComparison.Ordinal))
        {
            return Reading.Attribute;
        }

        return CompareUnnamedWeights(first, scope);
    }

    /// <summary>Folded and transposed weights have generated names: the same ones in both are the same module, others of another shape are not.
    /// One alone proves nothing: equal values are merged, and the folded biases of two untrained modules are equal.</summary>
    private Reading CompareUnnamedWeights(Scope first, Scope scope)
    {
        var before = UnnamedWeights(first);
        var here = UnnamedWeights(scope);
        if (before.Count == 0 || before.Count != here.Count)
        {
            return Reading.Undecided;
        }

        if (before.Zip(here).All(p => p.First.Name == p.Second.Name))
        {
            return Reading.Call;
        }

        return before.Zip(here).All(p => p.First.Dimensions.AsSpan().SequenceEqual(p.Second.Dimensions)) ? Reading.Undecided : Reading.Attribute;
    }

    /// <summary>The nameless weight of two dimensions or more that a scope reads; null where there is none.</summary>
    private string? MatrixOf(Scope scope) => UnnamedWeights(scope).Find(w => w.Dimensions.Length > 1)?.Name;

    private List<OnnxInitializer> UnnamedWeights(Scope scope)
    {
        var unnamed = new List<OnnxInitializer>();
        foreach (var node in scope.Nodes)
        {
            var inputs = facts.Nodes[node].Proto.Input;
            for (var i = 0; i < inputs.Length; i++)
            {
                if (weights.Find(inputs[i]) is { } weight && !weights.IsNamed(inputs[i]))
                {
                    unnamed.Add(weight);
                }
            }
        }

        return unnamed;
    }

    /// <summary>Whether modules beside it are proven to carry that number in their names (<c>conv_1</c> beside <c>relu_1</c>): then this one likely does too.</summary>
    private bool SiblingsUseSuffixes(Scope scope) => _attributes.Contains((scope.Parent!, scope.Suffix));

    /// <summary>Whether its base is an attribute with a number because this very scope is its second call: <c>act_1_1</c> beside <c>act_1</c> and <c>act</c>.</summary>
    private bool IsCallOfNumbered(Scope scope) => scopes.Find(scope.BaseDisplay!) is { Suffix: > 0 } first && first.Pattern == scope.Pattern && scopes.Find(first.BaseDisplay!) is { Nodes.Count: > 0 };

    /// <summary>Whether modules inside the one it may call again are proven to be called as often.</summary>
    private bool IsCallOfContainer(Scope scope) => scopes.Find(scope.BaseDisplay!) is { Children.Count: > 0 } container && _calls.ContainsKey((container, scope.Suffix));

    /// <summary>Whether modules beside it are proven to be called as often: then their container was. One suffices beside a Sequential's module,
    /// whose name is a number; elsewhere one may be shared by itself, beside modules that are really called <c>act</c> and <c>act_1</c>.</summary>
    private bool IsCalledWithSiblings(Scope scope) =>
        scope.CallerModule.Length > 0
        && _calls.GetValueOrDefault((scope.Parent!, scope.Suffix)) - (_proven.GetValueOrDefault(scope) is Reading.Call && IsFirm(scope) ? 1 : 0) >= (IsNumbered(scope.BaseName!) ? 1 : 2);

    /// <summary>Modules that are tied share a weight, seldom a bias or statistics too.</summary>
    private bool ReadsOneWeight(Scope scope) =>
        !IsNumbered(scope.BaseName!) && scope.Nodes.SelectMany(n => facts.Nodes[n].Proto.Input).Where(i => weights.Find(i) is not null).Distinct(StringComparer.Ordinal).Count() == 1;

    /// <summary>Whether what it reads is its module's alone: the vectors of two untrained norms are equal, and equal ones without names are merged.</summary>
    private bool IsFirm(Scope scope) =>
        IsNumbered(scope.BaseName!) || scope.Nodes.Exists(n => Array.Exists(facts.Nodes[n].Proto.Input, i => weights.Find(i) is { } w && (weights.IsNamed(i) || w.Dimensions.Count(d => d > 1) > 1)));

    private static bool IsNumbered(string name) => name.AsSpan(name.LastIndexOf('.') + 1).IndexOfAnyExceptInRange('0', '9') < 0;
}
