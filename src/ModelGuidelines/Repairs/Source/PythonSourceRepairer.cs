using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Undoes reuse in Python source and turns functions into modules, as the guidelines show it.</summary>
public sealed class PythonSourceRepairer : ISourceRepairer
{
    private const int MaxRounds = 4;
    private const string FunctionalCall = "PyTorch.FunctionalCall";
    private const string ModuleReuse = "PyTorch.ModuleReuse";

    public string Format => "PythonSource";

    /// <inheritdoc/>
    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        var texts = new ProjectTexts(source.Texts ?? new Dictionary<string, PythonFile>(), source.Limits, source.Cancellation);
        var asked = findings.Where(f => f.Guideline is FunctionalCall or ModuleReuse or "Keras.LayerReuse").ToList();
        if (source.Texts?.ContainsKey(source.Path) is not true)
        {
            var bytes = source.File.Span(0, (int)source.File.Length);
            var file = PythonParser.Parse(bytes, source.Budget);
            if (!file.Errors.IsEmpty || !SourcePlan.Encode(file, file.Text).AsSpan().SequenceEqual(bytes))
            {
                return new EmptyPlan { Left = [.. asked.Select(f => new LeftFinding(f.Guideline, f.Module, file.Errors.IsEmpty ? "the file's encoding cannot be written back as it is" : "the file has syntax errors"))] };
            }

            texts = texts.With([new(source.Path, file)]);
        }

        var left = new List<LeftFinding>();
        var steps = new List<SourceStep>();
        var last = graph;
        var repeated = new HashSet<(string, string?, string?)>();
        for (var round = 0; round < MaxRounds && asked.Count > 0; round++)
        {
            var changes = Collect(source, texts, last, asked, repeated, settings, left, out var postponed);
            var step = new SourceStep(source.Path, texts, last, changes);
            var after = KeepProven(source, step, changes, left, postponed, repeated);
            if (after is not null && Together.Differs(source, step, settings) is { } difference)
            {
                // What is proven in each file alone waits for the next round.
                var together = changes.Where(c => c.Edits.Any(e => e.Path != source.Path)).Select(c => c.Finding).ToHashSet();
                postponed.AddRange(changes.Select(c => c.Finding).Distinct().Where(f => !together.Contains(f)));
                Drop(changes, [.. changes.Where(c => together.Contains(c.Finding))], difference, left);
                changes.Clear();
                after = null;
            }

            if (after is not null)
            {
                steps.Add(step);
                (texts, last) = (texts.With(step.Changed(source.Cancellation)), after);
                asked = Next(after, asked, postponed, settings, left);
            }
            else if (postponed.Count < asked.Count || postponed.Exists(f => repeated.Contains(KeyOf(f))))
            {
                asked = postponed;
            }
            else
            {
                left.AddRange(postponed.Select(f => new LeftFinding(f.Guideline, f.Module, "its place is changed by another repair already")));
                break;
            }

            if (round == MaxRounds - 1)
            {
                left.AddRange(asked.Select(f => new LeftFinding(f.Guideline, f.Module, "it shows only after several other repairs: repair once more")));
            }
        }

        if (steps.Count == 0)
        {
            return new EmptyPlan { Left = [.. left] };
        }

        var keys = CheckpointKeys.Of(steps, last);
        return new SourcePlan(source.Path, steps, steps.SelectMany(s => s.Changes).SelectMany(c => c.Edits).Select(e => e.Path!).Distinct(StringComparer.Ordinal).ToDictionary(p => p, p => texts.Read(p)!, StringComparer.Ordinal))
        {
            Left = [.. left],
            Changes = [.. steps.SelectMany(s => s.Changes.Select(c => new RepairChange
            {
                Kind = c.Kind,
                Module = c.Finding.Module ?? "",
                NewModule = c.NewModule,
                Location = c.Location,
                Note = c.Note,
                HasParameters = c.HasParameters,
                IsList = c.IsList,
                Keys = [.. keys[c]],
                Diff = s.DiffOf(c),
            }))],
        };
    }

    /// <summary>What tells a finding in one text from the others there, and is the same in the next.</summary>
    private static (string, string?, string?) KeyOf(Finding finding) => (finding.Guideline, finding.Module, finding.Operator);

    /// <summary>What is to be repaired in the changed text: what had to wait for another repair, and what shows only now.</summary>
    private static List<Finding> Next(ModelGraph graph, List<Finding> asked, List<Finding> postponed, RepairSettings settings, List<LeftFinding> left)
    {
        var waiting = postponed.Select(KeyOf).ToHashSet();
        var known = left.Select(l => (l.Guideline, l.Module)).Concat(asked.Select(f => (f.Guideline, f.Module))).ToHashSet();
        var isReuse = asked.Exists(f => f.Guideline == ModuleReuse);
        return [.. (isReuse ? new Guidelines.ModuleReuse().Evaluate(graph).Findings : []).Where(f => f.Outcome is Outcome.Fail && (waiting.Contains(KeyOf(f)) || !known.Contains((f.Guideline, f.Module))))
            .Concat(waiting.Any(w => w.Item1 == FunctionalCall) ? new Guidelines.FunctionalCall().Evaluate(graph).Findings.Where(f => f.Outcome is Outcome.Fail && waiting.Contains(KeyOf(f))) : [])
            .Where(f => Repairer.IsAskedFor(f, settings))];
    }

    private static List<SourceChange> Collect(ModelSource source, ProjectTexts texts, ModelGraph graph, List<Finding> findings, HashSet<(string, string?, string?)> repeated, RepairSettings settings, List<LeftFinding> left, out List<Finding> postponed)
    {
        postponed = [];
        var names = new SourceNames([]);
        var planners = new Dictionary<string, FilePlanner>(StringComparer.Ordinal);
        FilePlanner? PlannerOf(string path) => planners.TryGetValue(path, out var made) ? made : texts.Read(path) is { Errors.IsEmpty: true } file ? planners[path] = new(new(file, path), source.Path, texts, graph, names, settings, source.Cancellation) : null;
        var main = PlannerOf(source.Path)!;
        var changes = new List<SourceChange>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            source.Cancellation.ThrowIfCancellationRequested();

            // Several objects of one class have one place in the source.
            var key = $"{finding.Guideline} {finding.Operator} {finding.ModuleType} {finding.Location} {string.Join(' ', finding.Calls.Select(c => c.Location).Distinct())}";
            if (!known.Add(key))
            {
                continue;
            }

            // What stands inside an object that becomes several becomes several with it.
            if (finding.Guideline == ModuleReuse && changes.Exists(c => c.Shared is { } shared && Covers(shared, finding)))
            {
                continue;
            }

            List<SourceChange> planned;
            string? reason;
            if (finding.Guideline == ModuleReuse && !finding.External)
            {
                (planned, reason) = PlanIn(Together.Roots(finding, main.Files), finding);
            }
            else if (finding.Location is { } location && main.Files.FullPath(location) != source.Path)
            {
                (planned, reason) = ([], finding.External ? $"it stands in an installed package, {location.File}: that is not yours to change" : $"it stands in another file, {location.File}: repair that one");
            }
            else if (finding.Guideline == FunctionalCall)
            {
                (planned, reason) = main.Named(main.Functions.Plan(finding, repeated.Contains(KeyOf(finding))));
            }
            else
            {
                (planned, reason) = ([], "layers of Keras are not repaired in source");
            }

            // The holders of another object are the same: nothing is left to do.
            if (reason is null && planned.TrueForAll(c => c.Shared is not null && c.Edits.All(e => changes.Exists(o => o.Edits.Contains(e)))))
            {
                continue;
            }

            if (reason is null && SourceEdits.Overlap(changes.Concat(planned).SelectMany(c => c.Edits)))
            {
                postponed.Add(finding);
            }
            else if (reason is null)
            {
                changes.AddRange(planned);
            }
            else
            {
                left.Add(new(finding.Guideline, finding.Module, reason));
            }
        }

        return changes;

        (List<SourceChange> Changes, string? Reason) PlanIn(IReadOnlyList<string> roots, Finding finding)
        {
            string? why = null;
            foreach (var path in roots)
            {
                if (path != source.Path && Together.NotNamed(path, source.Path, settings) is { } unnamed)
                {
                    why ??= unnamed;
                    continue;
                }

                if (PlannerOf(path) is not { } planner)
                {
                    continue;
                }

                var (planned, reason) = planner.Named(planner.Modules.Plan(finding));
                if (reason is null && Together.NotWritten([.. planned.SelectMany(c => c.Edits).Select(e => e.Path!).Distinct(StringComparer.Ordinal)], source.Path, texts, settings) is var no)
                {
                    if (no is null)
                    {
                        return (planned, null);
                    }

                    reason = no;
                }

                // Of several files the one says most in which it is called.
                why ??= reason;
            }

            return ([], why ?? "it stands in files that cannot be read");
        }
    }

    /// <summary>Whether every name of a finding's object lies below the names of an object.</summary>
    private static bool Covers(IReadOnlyList<string> shared, Finding finding)
    {
        var names = finding.Aliases.Insert(0, finding.Module ?? "");
        return finding.Model is not null && names.Length == shared.Count && names[0].StartsWith(shared[0] + ".", StringComparison.Ordinal)
            && names[0][shared[0].Length..] is var inner && shared.Select(s => s + inner).ToHashSet(StringComparer.Ordinal).SetEquals(names);
    }

    /// <summary>Reads what the changes make and compares it with the original; what cannot be proven equal, or would be called again, is taken back:
    /// the changes of one class together, and of one finding. What the changed text shows; null where no change is left.</summary>
    private static ModelGraph? KeepProven(ModelSource source, SourceStep step, List<SourceChange> changes, List<LeftFinding> left, List<Finding> postponed, HashSet<(string, string?, string?)> repeated)
    {
        var classes = changes.Select(c => c.Class?.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (changes.Count == 0)
        {
            return null;
        }

        var whole = Check(source, step, classes, changes);
        if (whole.IsGood)
        {
            return whole.After;
        }

        // Where something else is wrong, what is called again may be so because of that.
        if (whole.Difference is null)
        {
            DropRepeated(changes, whole.Reused, left, postponed, repeated);
            if (changes.Count == 0 || Check(source, step, classes, changes) is var rest && rest.IsGood && (whole = rest) is not null)
            {
                return changes.Count == 0 ? null : whole.After;
            }
        }

        // Each class by itself, then each finding of a class that failed.
        var kept = new List<SourceChange>();
        ModelGraph? after = null;
        foreach (var group in changes.GroupBy(c => c.Class).SelectMany(g => Check(source, step, classes, [.. g]).IsGood ? new[] { g.ToList() } : g.GroupBy(c => c.Finding).Select(f => f.ToList())))
        {
            var check = Check(source, step, classes, [.. kept, .. group]);
            if (check.IsGood)
            {
                kept.AddRange(group);
                after = check.After;
            }
            else if (check.Difference is { } reason)
            {
                Drop(group, [.. group], $"the changed file could not be proven to do the same: {reason}", left);
            }
            else
            {
                DropRepeated(group, [.. group], left, postponed, repeated);
            }
        }

        changes.Clear();
        changes.AddRange(kept);
        return after;
    }

    /// <summary>Takes back what would be called again: a function's place is tried once more, with a module for each run of its method.</summary>
    private static void DropRepeated(List<SourceChange> changes, List<SourceChange> dropped, List<LeftFinding> left, List<Finding> postponed, HashSet<(string, string?, string?)> repeated)
    {
        foreach (var finding in dropped.Where(c => c.Kind is RepairKind.FunctionalToModule).Select(c => c.Finding).Distinct().Where(f => repeated.Add(KeyOf(f))).ToList())
        {
            postponed.Add(finding);
            changes.RemoveAll(c => c.Finding == finding);
        }

        Drop(changes, [.. dropped.Where(c => changes.Contains(c) || !postponed.Contains(c.Finding))], "its line runs several times in one pass: the new module would be used again", left);
    }

    private static void Drop(List<SourceChange> changes, List<SourceChange> dropped, string reason, List<LeftFinding> left)
    {
        // All changes of one finding, or none.
        var findings = dropped.Select(c => c.Finding).ToHashSet();
        left.AddRange(findings.Select(f => new LeftFinding(f.Guideline, f.Module, reason)));
        changes.RemoveAll(c => findings.Contains(c.Finding));
    }

    /// <summary>What a changed text shows beside the original.</summary>
    /// <param name="After">All of it; null where it cannot be read.</param>
    /// <param name="Difference">What is different; null where nothing is.</param>
    /// <param name="Reused">Changes whose new module is called again.</param>
    private sealed record Comparison(ModelGraph? After, string? Difference, List<SourceChange> Reused)
    {
        public bool IsGood => Difference is null && Reused.Count == 0;
    }

    private static Comparison Check(ModelSource source, SourceStep step, HashSet<string> classes, List<SourceChange> changes)
    {
        var part = step with { Changes = changes };
        var (read, difference) = SourceProof.Compare(part, part.Changed(source.Cancellation), source);
        if (read is not { } after)
        {
            return new(null, difference, []);
        }

        var again = new Guidelines.ModuleReuse().Evaluate(after).Findings.Where(f => f.Outcome is Outcome.Fail).SelectMany(f => f.Affected.Insert(0, f.Module ?? "").AddRange(f.Aliases)).ToHashSet(StringComparer.Ordinal);
        var found = Enumerable.Range(0, after.Modules.Length).Where(i => (again.Contains(after.Modules[i].QualifiedName) || after.Modules[i].Aliases.Any(again.Contains)) && Count(after, i) > Around(after, i))
            .SelectMany(i => after.Modules[i].Aliases.Insert(0, after.Modules[i].QualifiedName).Where(again.Contains).Select(n => (Name: n, Owner: Owner(after, i)))).ToList();

        // Objects of two classes may bear one name, where the code decides between them. What one class makes for others is held by theirs.
        var bases = BasesOf(changes.SelectMany(c => c.Edits).Select(e => e.Path!).Append(source.Path).Distinct(StringComparer.Ordinal).Select(p => step.Texts.Read(p)!));
        bool IsOf(string? owner, SourceChange change) => owner is null || change.Class is null || owner == change.Class.Name
            || (!classes.Contains(owner) && (change.Shared is not null || !bases.TryGetValue(owner, out var own) || !bases.TryGetValue(change.Class.Name, out var others) || own.Overlaps(others)));
        List<SourceChange> reused = [.. changes.Where(c => found.Any(m => IsOf(m.Owner, c)
            && ((m.Name.Split('.').Contains(c.Attribute, StringComparer.Ordinal) && (c.Attribute != c.Copied || c.IsList)) || (c.Kind is RepairKind.ModuleCopy && m.Name == c.Finding.Module))))];
        return new(after, difference, reused);
    }

    /// <summary>The classes of files by name, each with itself and the names of all that it derives from but the plain module.</summary>
    private static Dictionary<string, HashSet<string>> BasesOf(IEnumerable<PythonFile> files)
    {
        var direct = files.SelectMany(f => f.Statements).SelectMany(SourceTree.Below).OfType<ClassDefinition>().ToLookup(c => c.Name, StringComparer.Ordinal);
        var result = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var type in direct)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var next = new Queue<string>([type.Key]);
            while (next.TryDequeue(out var name))
            {
                if (names.Add(name))
                {
                    foreach (var given in direct[name].SelectMany(c => c.Arguments).Where(a => a.Name is null).Select(a => (a.Value as AttributeExpression)?.Name ?? (a.Value as NameExpression)?.Name ?? "").Where(n => n != "Module"))
                    {
                        next.Enqueue(given);
                    }
                }
            }

            result[type.Key] = names;
        }

        return result;
    }

    /// <summary>The class whose object holds a module, lists left out.</summary>
    private static string? Owner(ModelGraph graph, int module)
    {
        var parent = graph.Modules[module].Parent;
        for (var depth = 0; parent is { } index && graph.Modules[index].TypeName is "ModuleList" or "ModuleDict" && depth < graph.Modules.Length; depth++)
        {
            parent = graph.Modules[index].Parent;
        }

        return parent is { } owner ? graph.Modules[owner].TypeName : null;
    }

    /// <summary>How often the module around it is called in a pass; what is called as often as that is only reused because that is.</summary>
    private static int Around(ModelGraph graph, int module)
    {
        for (var (parent, depth) = (graph.Modules[module].Parent, 0); parent is { } index && depth < graph.Modules.Length; parent = graph.Modules[index].Parent, depth++)
        {
            // Lists are held, not called.
            if (Count(graph, index) is var count and > 0)
            {
                return count;
            }
        }

        return 1;
    }

    private static int Count(ModelGraph graph, int module) => graph.Calls.Where(c => c.Module == module).Sum(c => c.Times);
}
