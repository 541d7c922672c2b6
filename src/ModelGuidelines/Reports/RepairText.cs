using ModelGuidelines.Repairs;

namespace ModelGuidelines.Reports;

/// <summary>A repair for people: lines of plain text, whatever names the file has.</summary>
public static class RepairText
{
    /// <summary>Every change: a unified diff for source, a table of nodes and parameters for graphs.</summary>
    public static IEnumerable<string> Changes(RepairResult result)
    {
        foreach (var change in result.Changes)
        {
            yield return $"{change.Kind}  {Name(change.Module)} -> {Name(change.NewModule)}";
            foreach (var rename in change.Nodes)
            {
                yield return $"  node       {Printable.Text(rename.ToString())}";
            }

            foreach (var rename in change.Parameters)
            {
                yield return $"  parameter  {Printable.Text(rename.ToString())}";
            }

            foreach (var line in (change.Diff ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return $"  {Printable.Text(line)}";
            }
        }
    }

    /// <summary>What stays, and why.</summary>
    public static IEnumerable<string> Left(RepairResult result) =>
        result.Left.Select(l => $"{l.Guideline}{(l.Module is null ? "" : $" '{Name(l.Module)}'")}: {Printable.Text(l.Reason)}");

    private static string Name(string module) => module.Length == 0 ? "(root)" : Printable.Text(module);
}
