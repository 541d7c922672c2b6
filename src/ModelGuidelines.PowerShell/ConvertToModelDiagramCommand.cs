using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Models;
using ModelGuidelines.Reports.Diagrams;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.PowerShell;

/// <summary>Draws a model, or one of its modules, with reused modules marked.</summary>
[Cmdlet(VerbsData.ConvertTo, "ModelDiagram", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/ConvertTo-ModelDiagram.md")]
[OutputType(typeof(string))]
public sealed class ConvertToModelDiagramCommand : GraphCmdlet
{
    [Parameter(Position = 1)]
    [ValidateSet("Mermaid", "Dot", "Svg")]
    public string Format { get; set; } = "Mermaid";

    [Parameter]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Module { get; set; }

    [Parameter]
    public SwitchParameter Node { get; set; }

    /// <summary>A finding, its fingerprint, or a module: the picture is opened there.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject? Focus { get; set; }

    [Parameter]
    [ValidateRange(-1, 1000)]
    public int Depth { get; set; } = -1;

    private PictureFocus? FocusIn(string path) =>
        Focus is null ? null
        : PipedObject.Text(Focus, "Guideline") is not null ? new(PipedObject.Text(Focus, "Module") ?? "", PipedObject.Text(Focus, "Operator"))
        : PictureFocus.Of(PipedObject.Name(Focus), Auditor.Default.Audit(new(FilePath(path) ?? path, path), new() { MinimumSeverity = Guidelines.Severity.Information, EveryInstance = true }, StopToken)?.Findings ?? []);

    private protected override void Process(string path, ModelGraph graph)
    {
        var picture = Picture.Of(graph, path, Node);
        if (picture.Omitted > 0)
        {
            WriteWarning($"The diagram of '{path}' is made of the first {Picture.MaximumBoxes} boxes; {picture.Omitted} are left out.");
        }

        WriteObject(DiagramWriters.Write(DiagramWriters.Find(Format)!, picture, new(Module, Depth) { Focus = FocusIn(path) }));
    }
}
