using ModelGuidelines.Repairs;

namespace ModelGuidelines.Reports;

/// <summary>A repair for people: lines of plain text, whatever names the file has.</summary>
public static class RepairText
{
    /// <summary>Every change; for graphs with a table of nodes and parameters, before and after.</summary>
    public static IEnumerable<string> Changes(RepairResult result)
    {
        foreach (var change in result.Changes)
        {
            var place = change.Location is null ? "" : $"  ({Printable.Text(change.Location.ToString())})";
            yield return change.Kind switch
            {
                RepairKind.ModuleCopy => $"new module {Name(change.NewModule)} takes over a call of {Name(change.Module)}{place}",
                RepairKind.ParameterCopy => $"new parameter {Name(change.NewModule)} is read instead of {Name(change.Module)}{place}",
                _ => $"new module {Name(change.NewModule)} instead of a function in {Name(change.Module)}{place}",
            };
            var rows = change.Nodes.Select(n => ("node", Text(n.From), n.From == n.To ? $"same name, in the scope of {Name(change.NewModule)}" : Text(n.To)))
                .Concat(change.Parameters.Select(p => ("copy", Text(p.From), Text(p.To)))).ToList();
            var width = rows.Count == 0 ? 0 : Math.Min(60, rows.Max(r => r.Item2.Length));
            foreach (var (kind, from, to) in rows)
            {
                yield return $"  {kind}  {from.PadRight(width)}  ->  {to}";
            }

            if (change.Note is not null)
            {
                yield return $"  note: {Printable.Text(change.Note)}";
            }
        }
    }

    /// <summary>The unified diff of source, line by line.</summary>
    public static IEnumerable<string> Diff(RepairResult result)
    {
        foreach (var line in (result.Diff?.Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // A tab ends a name with spaces, for programs that read diffs.
            yield return Printable.Text(line.TrimEnd('\r', '\t'));
        }
    }

    private static string Text(string name) => name.Length == 0 ? "(no name)" : Printable.Text(name);

    /// <summary>What stays, and why.</summary>
    public static IEnumerable<string> Left(RepairResult result) =>
        result.Left.Select(l => $"{l.Guideline}{(l.Module is null ? "" : $" '{Name(l.Module)}'")}: {Printable.Text(l.Reason)}");

    private static string Name(string module) => module.Length == 0 ? "(root)" : Printable.Text(module);
}
