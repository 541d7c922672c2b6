using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Gives scopes back the levels that their names lost: a module of a ModuleDict, or one entered by another method than forward, is shown without
/// its holder (<c>/net/lin1</c>), while the weights that it reads keep the whole name (<c>policy.net.layers.lin1.weight</c>).</summary>
internal static class ScopeNames
{
    private const int MaximumOwners = 64;

    /// <returns>Scopes that are calls of a module by somebody further out than its holder (<c>/act</c> reads <c>inner.act.weight</c> beside <c>/inner/act</c>), each with
    /// what else it may be.</returns>
    public static Dictionary<Scope, Certainty> Restore(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights)
    {
        var outside = new Dictionary<Scope, Certainty>();
        var told = Told(facts, scopes, weights, outside);
        AddNameless(facts, scopes, weights, told, outside);
        if (told.Count == 0)
        {
            return outside;
        }

        // What the weights of scopes below tell of those around them, innermost first.
        var names = new Dictionary<Scope, string?>();
        for (var i = scopes.All.Count - 1; i > 0; i--)
        {
            var scope = scopes.All[i];
            if (told.TryGetValue(scope, out var own))
            {
                Agree(names, scope, own);
            }

            if (names.GetValueOrDefault(scope) is { } name && scope.Parent is { Parent: not null } parent && Holder(name, parent.Part) is { } holder)
            {
                Agree(names, parent, holder);
            }
        }

        if (outside.Count == 0 && names.All(n => n.Value is null || n.Value == n.Key.RealName || n.Value == n.Key.BaseName))
        {
            return outside;
        }

        foreach (var scope in scopes.All.Skip(1))
        {
            scope.Rename(names.GetValueOrDefault(scope), Base(scope, names, outside));
        }

        return outside;
    }

    /// <summary>Weights without names, as they are where a batch norm was folded or a matrix transposed: a scope that reads the matrix of a deeper one of its name is called from outside too.</summary>
    private static void AddNameless(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights, Dictionary<Scope, string> told, Dictionary<Scope, Certainty> outside)
    {
        var readers = new Dictionary<string, List<Scope>>(StringComparer.Ordinal);
        foreach (var scope in scopes.Owners.Where(s => s.Parent is not null && s.Children.Count == 0 && !told.ContainsKey(s)))
        {
            var matrix = scope.Nodes.SelectMany(n => facts.Nodes[n].Proto.Input).FirstOrDefault(i => !weights.IsNamed(i) && weights.Find(i) is { } w && w.Dimensions.Count(d => d > 1) > 1);
            if (matrix is not null)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(readers, weights.Find(matrix)!.Name, out _) ??= []).Add(scope);
            }
        }

        foreach (var same in readers.Values.Where(s => s.Count is > 1 and < MaximumOwners))
        {
            foreach (var scope in same)
            {
                if (same.Find(o => o != scope && o.Pattern == scope.Pattern && o.RealName.Length > scope.RealName.Length && IsCalledOutside(scope, o.RealName)) is { } inner)
                {
                    told.Add(scope, inner.RealName);
                    outside.Add(scope, Tied(scope.RealName));
                }
            }
        }
    }

    private static bool IsCalledOutside(Scope scope, string name) => IsShortened(scope.RealName, name) || (scope.BaseName is { } first && IsShortened(first, name));

    private static Certainty Tied(string name) => Certainty.Likely($"a separate module '{name}' that has the same weights would look the same in this file");

    /// <summary>The module whose weights a scope reads, where the scope's name is that module's with levels left out, or all of it.</summary>
    private static Dictionary<Scope, string> Told(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights, Dictionary<Scope, Certainty> outside)
    {
        HashSet<string>? real = null;
        var told = new Dictionary<Scope, string>();
        var owners = new List<string>();
        foreach (var scope in scopes.Owners)
        {
            if (scope.Parent is null || scope.Children.Count > 0)
            {
                continue;
            }

            // What all weights have in common, or what is around it where the scope's own code reads a submodule's.
            owners.Clear();
            scope.Nodes.ForEach(n => weights.Owners(facts.Nodes[n], owners));
            owners = owners.Count < 2 ? owners : [.. owners.Distinct(StringComparer.Ordinal).Take(MaximumOwners)];
            for (var name = owners.Count is 0 or MaximumOwners ? "" : Common(owners); name.Length > 0; name = OnnxWeights.Owner(name))
            {
                if (name == scope.RealName || (!IsReal(name) && IsShortened(scope.RealName, name)))
                {
                    told.Add(scope, name);
                    break;
                }

                if (owners is [var only] && name == only && name != scope.BaseName && !weights.Owns(scope.RealName) && IsCalledOutside(scope, name))
                {
                    told.Add(scope, name);
                    outside.Add(scope, ReadsMatrixAndMore(facts, scope, weights) ? Certainty.Certain : Tied(scope.RealName));
                    break;
                }
            }
        }

        return told;

        bool IsReal(string name) => (real ??= scopes.All.Select(s => s.RealName).ToHashSet(StringComparer.Ordinal)).Contains(name);
    }

    /// <summary>Whether a scope reads a matrix and another weight: modules that are tied seldom share both, and of untrained ones the matrices differ.</summary>
    private static bool ReadsMatrixAndMore(OnnxFacts facts, Scope scope, OnnxWeights weights)
    {
        var read = scope.Nodes.SelectMany(n => facts.Nodes[n].Proto.Input).Select(weights.Find).OfType<OnnxInitializer>().Distinct().ToList();
        return read.Count > 1 && read.Exists(w => w.Dimensions.Count(d => d > 1) > 1);
    }

    /// <summary>The levels that names have in common.</summary>
    private static string Common(List<string> names)
    {
        var common = names[0];
        for (var i = 1; i < names.Count; i++)
        {
            var name = names[i];
            while (common.Length > 0 && name != common && !name.StartsWith($"{common}.", StringComparison.Ordinal))
            {
                common = OnnxWeights.Owner(common);
            }
        }

        return common;
    }

    /// <summary>Whether a name is another's with levels left out, and its last one kept.</summary>
    private static bool IsShortened(string name, string whole)
    {
        var parts = name.Split('.');
        var all = whole.Split('.');
        if (parts[^1] != all[^1])
        {
            return false;
        }

        var at = 0;
        foreach (var part in all)
        {
            at += at < parts.Length && parts[at] == part ? 1 : 0;
        }

        return at == parts.Length;
    }

    /// <summary>The longest proper prefix of a module's name that ends with the holder's part.</summary>
    private static string? Holder(string name, string part)
    {
        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
        {
            var prefix = name.AsSpan(0, dot);
            if (prefix.EndsWith(part, StringComparison.Ordinal) && (prefix.Length == part.Length || prefix[prefix.Length - part.Length - 1] == '.'))
            {
                return prefix.ToString();
            }
        }

        return null;
    }

    /// <summary>The name of what holds a scope: where all scopes beside it whose weights tell agree on levels that are not shown, it stands there too.</summary>
    private static string Base(Scope scope, Dictionary<Scope, string?> names, Dictionary<Scope, Certainty> outside)
    {
        var parent = scope.Parent!;
        string? agreed = null;
        foreach (var sibling in parent.Children)
        {
            if (outside.ContainsKey(sibling) || names.GetValueOrDefault(sibling) is not { } name)
            {
                continue;
            }

            var local = LocalPart(sibling);
            var holder = name == local ? "" : name.EndsWith($".{local}", StringComparison.Ordinal) ? name[..^(local.Length + 1)] : null;
            if (holder is null || (agreed is not null && agreed != holder))
            {
                return parent.RealName;
            }

            agreed = holder;
        }

        // Beside the modules of a root's ModuleDict stand the root's own.
        return agreed is not null && parent.Parent is not null ? agreed : parent.RealName;
    }

    private static string LocalPart(Scope scope) =>
        scope.Parent is { Part.Length: > 0 } parent && scope.Part.StartsWith($"{parent.Part}.", StringComparison.Ordinal) ? scope.Part[(parent.Part.Length + 1)..] : scope.Part;

    private static void Agree(Dictionary<Scope, string?> names, Scope scope, string name)
    {
        if (!names.TryAdd(scope, name) && names[scope] != name)
        {
            names[scope] = null; // weights that disagree tell nothing
        }
    }
}
