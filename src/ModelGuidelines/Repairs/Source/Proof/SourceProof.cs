using System.Globalization;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Compares what following the original and the changed text showed, event by event: the same modules but for the new ones, which are of the class
/// that they copy, the same calls in the same order under the same conditions, and the same functions, but for those that became modules.</summary>
internal static partial class SourceProof
{
    /// <summary>The whole proof of a changed text: its tree first, which costs little, then what following it shows.</summary>
    /// <param name="step">What is changed, in which texts, and what following the original showed.</param>
    /// <param name="changed">The changed texts by their files' full paths.</param>
    /// <param name="source">The audited file, from whose place imports are found.</param>
    /// <returns>What the changed text shows, null where it is not followed; and what differs, null where nothing does.</returns>
    public static (ModelGraph? After, string? Difference) Compare(SourceStep step, IReadOnlyDictionary<string, PythonFile> changed, ModelSource source)
    {
        var (graph, changes) = (step.Graph, step.Changes);
        if (changed.Values.Any(t => !t.Errors.IsEmpty))
        {
            return (null, "it would have syntax errors");
        }

        if (TreeProof.Difference([.. changed.Select(f => (new SourceTree(step.Texts.Read(f.Key)!, f.Key), new SourceTree(f.Value, f.Key)))], changes, changed.Count == 1 ? null : new(new(step.File, step.Main), step.Main, step.Texts, null, source.Cancellation)) is { } other)
        {
            return (null, other);
        }

        try
        {
            var texts = step.Texts.With(changed);
            var after = PythonSourceFormat.Read(texts.Read(source.Path)!, source, texts.Changed);
            return (after, Difference(graph, after, changes));
        }
        catch (ModelReadException e)
        {
            return (null, $"it cannot be read ({e.Message})");
        }
    }

    /// <summary>What differs in what following them showed; null where nothing does.</summary>
    public static string? Difference(ModelGraph before, ModelGraph after, IReadOnlyCollection<SourceChange> changes)
    {
        var names = new ChangedNames(before, changes);
        if (Models(before).SequenceEqual(Models(after), StringComparer.Ordinal) is false)
        {
            return "the changed file has other models";
        }

        var old = before.Modules.Where(m => !names.IsList(m)).Select(m => Key(m.Model, names.Of(m), m)).ToHashSet();
        var now = after.Modules.Where(m => !names.IsFunction(m) && !names.IsList(m)).Select(m => Key(m.Model, names.Of(m), m)).ToHashSet();
        if (now.Except(old).FirstOrDefault() is { Name: not null } added)
        {
            return $"module '{added.Name}' of class {added.Type ?? "unknown"} is new or another";
        }

        if (old.Except(now).FirstOrDefault() is { Name: not null } gone)
        {
            return $"module '{gone.Name}' of class {gone.Type ?? "unknown"} is gone or another";
        }

        if (NewGap(before, after, changes) is { } gap)
        {
            return $"{(gap.Location is { } place ? $"{place}: " : "")}a place cannot be followed any more: {gap.What}";
        }

        if (Aliases(before, after, changes) is { } alias)
        {
            return alias;
        }

        var oldCalls = Calls(before, names, c => true);
        var newCalls = Calls(after, names, c => !names.IsFunction(after.Modules[c.Module]));
        for (var i = 0; i < Math.Max(oldCalls.Count, newCalls.Count); i++)
        {
            var (a, b) = (oldCalls.ElementAtOrDefault(i), newCalls.ElementAtOrDefault(i));
            if (a?.Key != b?.Key)
            {
                return $"call {i} of a module is '{b?.Text ?? "none"}' instead of '{a?.Text ?? "none"}'";
            }
        }

        return Functions(before, after, names);
    }

    /// <summary>A place that was followed in the original, and is not in the changed text. What only hides the kind of a value at the border of a module is none: a new module has a border where there was none, and
    /// gets what the first one, or the function, got.</summary>
    private static Gap? NewGap(ModelGraph before, ModelGraph after, IReadOnlyCollection<SourceChange> changes)
    {
        var known = before.Gaps.Select(g => (LineNumber().Replace(g.What, "line"), g.Hides)).ToHashSet();
        var copied = changes.Where(c => c.Copied.Length > 0).DistinctBy(c => c.Attribute).ToDictionary(c => c.Attribute, c => c.Copied, StringComparer.Ordinal);
        return after.Gaps.FirstOrDefault(g => g.Hides is not GraphFacts.SubmoduleInterfaces && LineNumber().Replace(g.What, "line") is var what && !known.Contains((what, g.Hides)) && !known.Contains((Word().Replace(what, m => copied.GetValueOrDefault(m.Value, m.Value)), g.Hides)));
    }

    [GeneratedRegex(@"\w+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Word();

    /// <summary>Modules that bear several names bear them still, but for the one that the change makes several.</summary>
    private static string? Aliases(ModelGraph before, ModelGraph after, IReadOnlyCollection<SourceChange> changes)
    {
        if (changes.Any(c => c.Shared is not null))
        {
            return null; // what is in it is split with it
        }

        static HashSet<string> Of(ModelGraph graph, Func<string, bool> isMeant) => [.. graph.Modules.Where(m => !m.Aliases.IsEmpty).Select(m => m.Aliases.Insert(0, m.QualifiedName).Where(isMeant).Order(StringComparer.Ordinal).ToList()).Where(n => n.Count > 1).Select(n => string.Join(", ", n))];
        var added = changes.Select(c => c.Attribute).ToHashSet(StringComparer.Ordinal);
        var (old, now) = (Of(before, n => !n.Split('.').Any(added.Contains)), Of(after, n => !n.Split('.').Any(added.Contains)));
        return old.SetEquals(now) ? null : $"other modules are one object: '{old.Except(now).Concat(now.Except(old)).First()}'";
    }

    /// <summary>Every function of the original is still called, in order, or a module of its kind is called instead, once.</summary>
    private static string? Functions(ModelGraph before, ModelGraph after, ChangedNames names)
    {
        // What copies do has to be what the first one does; it is told once for each module.
        var known = Meant(before).Select(o => Text(before, names, o)).ToHashSet(StringComparer.Ordinal);
        if (Meant(after).Where(o => names.IsCopy(after.Modules[o.Module])).Select(o => Text(after, names, o)).FirstOrDefault(t => !known.Contains(t)) is { } other)
        {
            return $"a copy calls another function: '{other}'";
        }

        var now = Meant(after).Where(o => !names.IsCopy(after.Modules[o.Module])).Select(o => Text(after, names, o)).ToList();
        var replaced = new List<string>();
        var next = 0;
        foreach (var operation in Meant(before))
        {
            var text = Text(before, names, operation);
            if (next < now.Count && now[next] == text)
            {
                next++;
            }
            else
            {
                replaced.Add(text);
            }
        }

        if (next < now.Count)
        {
            return $"function '{now[next]}' is new, or called in another order";
        }

        // Several calls of one function at one place are one to a reader; of a loop's rounds the first is told, whose element is the first of its list.
        var taken = after.Calls.Where(c => names.IsFunction(after.Modules[c.Module]))
            .Select(c => (Change: names.FunctionChange(after.Modules[c.Module])!, c.Caller, Text: Text(after, names, names.Function(after.Modules[c.Module])!, c.Caller, c.When))).ToList();
        var modules = taken.Where(m => !m.Change.IsList).DistinctBy(m => (m.Change.Finding, m.Text)).Concat(taken.Where(m => m.Change.IsList).DistinctBy(m => (m.Change, m.Caller))).Select(m => m.Text).ToList();
        return replaced.Order(StringComparer.Ordinal).SequenceEqual(modules.Order(StringComparer.Ordinal), StringComparer.Ordinal)
            ? null
            : $"{replaced.Count} calls of functions went and {modules.Count} calls of modules came{replaced.Except(modules).Concat(modules.Except(replaced)).Select(t => $": '{t}'").FirstOrDefault()}";
    }

    /// <summary>Those that compute: of what only moves data a reader tells more or less as it knows the shapes.</summary>
    private static IEnumerable<Operation> Meant(ModelGraph graph) => graph.Operations.Where(o => OperationTable.Find(o.Function) is { Category: not OperationCategory.Invariant });

    private static IEnumerable<string> Models(ModelGraph graph) => graph.Modules.Where(m => m.Parent is null).Select(m => $"{m.Model} {m.Type}");

    private static (string? Model, string Name, string? Type, string Parameters, ulong Making) Key(string? model, string name, ModelModule module) => (model, name, module.Type, string.Join(',', module.Parameters), module.Making);

    /// <summary>One call, or several in a row that a loop makes.</summary>
    /// <param name="Key">What has to be the same in the other file: the conditions of this call alone, by what they mean.</param>
    /// <param name="Text">As a person reads it.</param>
    private sealed record Event(string Key, string Text);

    /// <summary>The calls in order; several in a row of the same are one that runs more often, as a loop shows them.</summary>
    private static List<Event> Calls(ModelGraph graph, ChangedNames names, Func<ModuleCall, bool> isMeant)
    {
        var result = new List<(string Key, string Text, int Times)>();
        string? round = null; // what the call before is without its conditions, where a loop's rounds call elements of a list
        string[] under = [];
        var begun = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in graph.Calls.Where(isMeant))
        {
            var who = $"{graph.Modules[call.Module].Model} {names.Of(graph.Modules[call.Module])} by {(call.Caller is { } c ? names.Of(graph.Modules[c]) : "?")}";
            var conditions = Words(call.When);
            var words = string.Join(" and ", conditions);
            if (names.IsListed(graph.Modules[call.Module]))
            {
                // A further round, of however many, calls an element that is made like the first: where there is that round.
                if (round != who || !under.All(conditions.Contains))
                {
                    // What holds for the first round is compared; that there are further ones is the loop's own affair, which stays as it is.
                    var first = begun.Add(who) ? $"{who} [{words}]" : $"{who} again";
                    result.Add((first, first, 0));
                    (round, under) = (who, conditions);
                }

                continue;
            }

            round = null;
            var key = string.Create(CultureInfo.InvariantCulture, $"{who} {(call.WhenPrint is { } print ? print : words)}");
            if (result.Count > 0 && result[^1].Key == key)
            {
                result[^1] = result[^1] with { Times = result[^1].Times + call.Times };
            }
            else
            {
                result.Add((key, $"{who} [{words}]", call.Times));
            }
        }

        return result.ConvertAll(r =>
        {
            var times = string.Create(CultureInfo.InvariantCulture, $" x{(r.Times == 0 ? "n" : r.Times)}");
            return new Event(r.Key + times, r.Text + times);
        });
    }

    private static string Text(ModelGraph graph, ChangedNames names, Operation operation) => Text(graph, names, operation.Function, operation.Module, operation.Certainty);

    private static string Text(ModelGraph graph, ChangedNames names, string function, int? module, Certainty certainty) =>
        $"{function} in {(module is { } m ? $"{graph.Modules[m].Model} {names.Of(graph.Modules[m])}" : "?")} {string.Join(" and ", Words(certainty).Select(names.Named))}";

    /// <summary>The tests under which something holds; which comes first is only which was asked first, and a line has another number below what was added.</summary>
    private static string[] Words(Certainty certainty) => [.. certainty.Conditions.SelectMany(c => c.Contains(" or ", StringComparison.Ordinal) ? [c] : c.Split(" and ")).Select(c => LineNumber().Replace(c, "line")).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\bline \d+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex LineNumber();
}
