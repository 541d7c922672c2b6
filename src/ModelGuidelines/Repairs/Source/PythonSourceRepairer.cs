using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Undoes reuse in Python source and turns functions into modules, as the guidelines show it.</summary>
public sealed class PythonSourceRepairer : ISourceRepairer
{
    private const string FunctionalCall = "PyTorch.FunctionalCall";
    private const string ModuleReuse = "PyTorch.ModuleReuse";
    private const int Rounds = 8;

    public string Format => "PythonSource";

    /// <inheritdoc/>
    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        var bytes = source.File.Span(0, (int)source.File.Length);
        var file = PythonParser.Parse(bytes, source.Cancellation);
        var asked = findings.Where(f => f.Guideline is FunctionalCall or ModuleReuse or "Keras.LayerReuse").ToList();
        if (!file.Errors.IsEmpty || !SourcePlan.Encode(file, file.Text).AsSpan().SequenceEqual(bytes))
        {
            return new EmptyPlan { Left = [.. asked.Select(f => new LeftFinding(f.Guideline, f.Module, file.Errors.IsEmpty ? "the file's encoding cannot be written back as it is" : "the file has syntax errors"))] };
        }

        var left = new List<LeftFinding>();
        var changes = Collect(source, file, graph, asked, settings, left);
        KeepSafe(source, file, changes, left);
        return changes.Count == 0
            ? new EmptyPlan { Left = [.. left] }
            : new SourcePlan(file, SourceEdits.Apply(file.Text, changes.SelectMany(c => c.Edits)))
            {
                Left = [.. left],
                Changes = [.. changes.Select(c => new RepairChange
                {
                    Kind = c.Kind,
                    Module = c.Finding.Module ?? "",
                    NewModule = c.NewModule,
                    Location = c.Location,
                    Note = c.Note,
                    Diff = UnifiedDiff.Create(Path.GetFileName(source.Path), file.Text, SourceEdits.Apply(file.Text, c.Edits)),
                })],
            };
    }

    private static List<SourceChange> Collect(ModelSource source, PythonFile file, ModelGraph graph, List<Finding> findings, RepairSettings settings, List<LeftFinding> left)
    {
        var index = new SourceIndex(file);
        var names = new SourceNames(index);
        var functions = new FunctionCallRepair(index, names);
        var modules = new ModuleReuseRepair(index, names, graph, settings.IncludeWeighted);
        var changes = new List<SourceChange>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            // Several objects of one class have one place in the source.
            var key = $"{finding.Guideline} {finding.Operator} {finding.Location} {string.Join(' ', finding.Calls.Select(c => c.Location))}";
            if (!known.Add(key))
            {
                continue;
            }

            List<SourceChange> planned;
            string? reason;
            if (finding.Location is { } location && Path.GetFileName(location.File) != Path.GetFileName(source.Path))
            {
                (planned, reason) = ([], $"it stands in another file, {location.File}");
            }
            else if (finding.Guideline == FunctionalCall)
            {
                var (change, why) = functions.Plan(finding);
                (planned, reason) = (change is null ? [] : [change], why);
            }
            else if (finding.Guideline == ModuleReuse)
            {
                (planned, reason) = modules.Plan(finding);
            }
            else
            {
                (planned, reason) = ([], "layers of Keras are not repaired in source");
            }

            if (reason is null && SourceEdits.Overlap(changes.Concat(planned).SelectMany(c => c.Edits)))
            {
                reason = "its place is changed by another repair already: repair once more";
            }

            if (reason is null)
            {
                changes.AddRange(planned);
            }
            else
            {
                left.Add(new(finding.Guideline, finding.Module, reason));
            }
        }

        return changes;
    }

    /// <summary>Reads what the changes make, and takes back those whose module would be called again.</summary>
    private static void KeepSafe(ModelSource source, PythonFile file, List<SourceChange> changes, List<LeftFinding> left)
    {
        for (var round = 0; changes.Count > 0; round++)
        {
            var changed = PythonParser.Parse(SourceEdits.Apply(file.Text, changes.SelectMany(c => c.Edits)), source.Cancellation);
            var reused = changed.Errors.IsEmpty
                ? new ModuleReuse().Evaluate(PythonSourceFormat.Read(changed, source)).Findings.Select(f => f.Module ?? "").ToHashSet(StringComparer.Ordinal)
                : null;
            var unsafeChanges = reused is null || round == Rounds ? [.. changes] : changes.Where(c =>
                reused.Any(m => LastPart(m) == c.Attribute) || (c.Kind is RepairKind.ModuleCopy && reused.Contains(c.Finding.Module ?? ""))).ToList();
            if (unsafeChanges.Count == 0)
            {
                return;
            }

            // All changes of one finding, or none.
            var findings = unsafeChanges.Select(c => c.Finding).ToHashSet();
            left.AddRange(findings.Select(f => new LeftFinding(f.Guideline, f.Module, "its line runs several times in one pass: the new module would be used again")));
            changes.RemoveAll(c => findings.Contains(c.Finding));
        }
    }

    private static string LastPart(string module) => module[(module.LastIndexOf('.') + 1)..];
}
