using System.Collections.Immutable;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Repairs;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Turns records of the engine into the objects of the pipeline.</summary>
internal static class Objects
{
    public static ItemCollection<TOut> List<TIn, TOut>(ImmutableArray<TIn> items, Func<TIn, TOut> convert) => new(items.IsDefault ? [] : [.. items.Select(convert)]);

    public static ItemCollection<string> Texts(ImmutableArray<string> items) => new(items.IsDefault ? [] : [.. items]);

    public static Finding Of(Guidelines.Finding finding, string? fullPath = null) => new()
    {
        Guideline = finding.Guideline,
        Severity = finding.Severity.ToString(),
        SeverityLevel = (int)finding.Severity,
        Confidence = finding.Confidence.ToString(),
        Conditions = Texts(finding.Conditions),
        Doubt = finding.Doubt,
        Path = finding.Path,
        Format = finding.Format,
        Framework = finding.Framework.ToString(),
        Module = finding.Module,
        ModuleType = finding.ModuleType,
        Model = finding.Model,
        Place = finding.Place.Length == 0 ? null : finding.Place,
        Instances = Texts(finding.Instances),
        InstanceCount = finding.InstanceCount,
        Models = Texts(finding.Models),
        External = finding.External,
        Package = finding.Package,
        Aliases = Texts(finding.Aliases),
        Operator = finding.Operator,
        Replacement = finding.Replacement,
        CallCount = finding.CallCount,
        Calls = List(finding.Calls, Of),
        Affected = Texts(finding.Affected),
        Direction = DirectionOf(finding),
        Argument = finding.Argument,
        ValueType = finding.ValueType,
        Node = finding.Node,
        OpType = finding.OpType,
        Location = Of(finding.Location),
        Snippet = finding.Snippet,
        Message = finding.Message,
        Recommendation = finding.Recommendation,
        HelpUri = finding.HelpUri,
        Fingerprint = finding.Fingerprint,
        BaselineState = finding.BaselineState,
        FullPath = fullPath,
    };

    public static SuppressedFinding Of(Audit.SuppressedFinding suppressed)
    {
        var (finding, by) = suppressed;
        return new()
        {
            Guideline = finding.Guideline,
            Severity = finding.Severity.ToString(),
            Path = finding.Path,
            Module = finding.Module,
            Location = Of(finding.Location),
            Message = finding.Message,
            Reason = by.Reason is null ? null : Printable.Text(by.Reason),
            Source = FormattableString.Invariant($"{by.File ?? finding.Path}:{by.FirstLine}"),
            Fingerprint = finding.Fingerprint,
        };
    }

    public static IEnumerable<UndecidableGuideline> Undecided(AuditResult result, string? fullPath) => result.Guidelines
        .Where(g => g.Outcome is Outcome.Undecidable)
        .Select(g => new UndecidableGuideline
        {
            Guideline = g.Guideline,
            Path = result.Path,
            Format = result.Format,
            Framework = result.Framework.ToString(),
            Reason = Printable.Text(g.Reason ?? ""),
            HelpUri = GuidelineCatalog.All.Select(c => c.Descriptor).FirstOrDefault(d => d.Id == g.Guideline)?.HelpUri,
            FullPath = fullPath,
        });

    public static AuditedFile FileOf(AuditResult result, string? fullPath, RunInfo? run = null) => new()
    {
        Path = result.Path,
        Entry = result.Entry,
        Format = result.Format,
        Exporter = result.Exporter,
        Framework = result.Framework.ToString(),
        Seconds = Math.Round(result.Elapsed.TotalSeconds, 6),
        Outcome = WorstOf(result),
        Error = Of(result.Error),
        Suppressed = result.Suppressed,
        Guidelines = List(result.Guidelines, g => new GuidelineResult { Guideline = g.Guideline, Outcome = g.Outcome.ToString(), Reason = g.Reason }),
        Gaps = List(result.Gaps, g => new UnfollowedPlace { What = Printable.Text(g.What), Location = Of(g.Location), Hides = Texts(g.Hides), Remedy = g.Remedy }),
        GapCount = result.GapCount,
        FullPath = fullPath,
        Run = run,
    };

    /// <summary>What stands in a result as objects of the pipeline: the file where that is asked for, its findings, what cannot be decided, what is suppressed.</summary>
    public static IEnumerable<object> All(AuditResult result, string? fullPath, bool withFile, bool withSuppressed, RunInfo? run = null)
    {
        if (withFile)
        {
            yield return FileOf(result, fullPath, run);
        }

        foreach (var finding in result.Findings.Where(f => f.Outcome is Outcome.Fail))
        {
            yield return Of(finding, fullPath);
        }

        foreach (var undecided in Undecided(result, fullPath))
        {
            yield return undecided;
        }

        foreach (var suppressed in withSuppressed ? result.SuppressedFindings : [])
        {
            yield return Of(suppressed);
        }
    }

    public static ModelReadiness Of(ToolReadiness tool, AuditResult result) => new()
    {
        Path = tool.Path,
        Format = result.Format,
        Tool = tool.Tool.ToString(),
        Title = tool.Title,
        Verdict = tool.Verdict.ToString(),
        Reasons = List(tool.Reasons, r => new ReadinessReason
        {
            Effect = r.Effect.ToString(),
            Guideline = r.Guideline,
            Text = r.Text,
            Confidence = r.Finding.Confidence.ToString(),
            Module = r.Finding.Module,
            ModuleType = r.Finding.ModuleType,
            Location = Of(r.Finding.Location),
            Message = r.Finding.Message,
            Recommendation = r.Effect is Guidelines.Aimet.ToolEffect.Mends ? null : r.Finding.Recommendation,
        }),
        Open = new([.. tool.Open.Select(o => Printable.Text(o))]),
    };

    public static ModelRepair Of(RepairResult result) => new()
    {
        Path = result.Path,
        OutputPath = result.OutputPath,
        Status = result.Status.ToString(),
        Verified = result.Verified,
        Proof = result.Proof is null ? null : Printable.Text(result.Proof.Text),
        Running = result.Running is null ? null : Printable.Text(result.Running.ToString()),
        Others = Texts([.. result.Others.Select(o => o.OutputPath ?? o.Path)]),
        Changes = List(result.Changes, c => new ModelChange { Kind = c.Kind.ToString(), Module = c.Module, NewModule = c.NewModule, Location = Of(c.Location), Diff = c.Diff }),
        Left = List(result.Left, l => new LeftFinding { Guideline = l.Guideline, Module = l.Module, Reason = Printable.Text(l.Reason) }),
        Error = Of(result.Error),
    };

    public static ModelGuideline Of(GuidelineDescriptor descriptor) => new()
    {
        Id = descriptor.Id,
        Title = descriptor.Title,
        Description = descriptor.Description,
        Framework = descriptor.Framework.ToString(),
        Severity = descriptor.Severity.ToString(),
        Source = descriptor.Source,
        HelpUri = descriptor.HelpUri,
    };

    public static ModelModule Of(ModuleView module) => new()
    {
        Path = module.Path,
        Name = module.Name,
        Type = module.Type,
        Parent = module.Parent,
        Depth = module.Depth,
        CallCount = module.CallCount,
        Calls = List(module.Calls, Of),
        IsReused = module.IsReused,
        Functions = Texts(module.Functions),
        Parameters = Texts(module.Parameters),
        Aliases = Texts(module.Aliases),
        Location = Of(module.Location),
    };

    public static ModelNode Of(NodeView node) => new()
    {
        Path = node.Path,
        Name = node.Name,
        OpType = node.OpType,
        Module = node.Module,
        Graph = node.Graph,
        Inputs = List(node.Inputs, Of),
        Outputs = List(node.Outputs, Of),
        Location = Of(node.Location),
    };

    private static ModelValue Of(TensorInfo value) => new() { Name = value.Name, ElementType = value.ElementType, Shape = value.Shape.IsDefault ? null : Texts(value.Shape) };

    private static ModuleUse Of(CallSite call) => new() { Caller = call.Caller, Node = call.Node, Location = Of(call.Location) };

    private static SourcePlace? Of(SourceLocation? location) => location is null ? null : new() { File = location.File, Line = location.Line, Column = location.Column };

    private static AuditFailure? Of(AuditError? error) => error is null ? null : new() { Id = error.Id, Message = Printable.Text(error.Message), Offset = error.Offset };

    private static string? DirectionOf(Guidelines.Finding finding) => finding.Direction switch { ValueDirection.Input => "input", ValueDirection.Output => "output", _ => null };

    private static string WorstOf(AuditResult result) => result.Error is not null ? "Error"
        : new[] { Outcome.Fail, Outcome.Undecidable, Outcome.Pass }.Where(o => result.Guidelines.Any(g => g.Outcome == o)).Append(Outcome.NotApplicable).First().ToString();
}
