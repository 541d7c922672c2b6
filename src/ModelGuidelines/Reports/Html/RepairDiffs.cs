using System.Collections.Immutable;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Reports.Html;

/// <summary>What a repair would change for a finding in source, as a unified diff: planned and not written, a file once.</summary>
/// <param name="files">How many files are planned for; a plan reads its file again, and a page is for the first ones.</param>
internal sealed class RepairDiffs(int files)
{
    private AuditResult? _of;
    private ImmutableArray<RepairChange> _changes = [];
    private int _left = files;

    /// <summary>The diffs of the changes that end the finding; null where it is none of source, or cannot be repaired as it is.</summary>
    public string? Of(AuditResult result, Finding finding)
    {
        var kind = finding.Guideline switch { "PyTorch.ModuleReuse" => RepairKind.ModuleCopy, "PyTorch.FunctionalCall" => RepairKind.FunctionalToModule, _ => (RepairKind?)null };
        if (kind is null || result.Format != "PythonSource" || result.FullPath is not { } path || finding.External || finding.SourcePath != path)
        {
            return null;
        }

        if (!ReferenceEquals(_of, result))
        {
            // Paths of merged reports are relative to where they are merged.
            (_of, _changes) = (result, _left-- > 0 ? Repairer.Default.Repair(new(Path.GetFullPath(path), result.Path), new() { WhatIf = true }).Changes : []);
        }

        var lines = finding.Calls.Select(c => c.Location?.Line).Append(finding.Location?.Line).OfType<int>().ToHashSet();
        var diffs = _changes
            .Where(c => c.Kind == kind && c.Diff is not null && c.Location is { } at && lines.Contains(at.Line) && (c.Module == finding.Module || finding.Instances.Contains(c.Module)))
            .Select(c => c.Diff!)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return diffs.Count == 0 ? null : string.Join('\n', diffs.Select(d => d.TrimEnd('\n')));
    }
}
