using System.Globalization;
using System.Text.Json;
using Jint;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Reports.Pictures;

/// <summary>What of a picture is drawn.</summary>
/// <param name="Module">Qualified name of the outermost box; null: from the roots on.</param>
/// <param name="Depth">Levels below it; negative: as many as fit on a page, marked ones first.</param>
/// <param name="Most">Boxes that fit on it.</param>
/// <param name="Focus">What is shown and marked in any case; null: nothing more than else.</param>
public sealed record PictureView(string? Module = null, int Depth = -1, int Most = 60, PictureFocus? Focus = null);

/// <summary>A box that a picture is opened at.</summary>
/// <param name="Module">Qualified name of the module.</param>
/// <param name="Operator">The function or operator in it that is meant; null: the module itself.</param>
public sealed record PictureFocus(string Module, string? Operator = null)
{
    /// <summary>The place of a finding.</summary>
    public static PictureFocus Of(Guidelines.Finding finding) => new(finding.Instances is [var first, ..] ? first : finding.Module ?? "", finding.Operator);

    /// <summary>The place that a person names: by the fingerprint of a finding, or the beginning of one, or by the name of a module.</summary>
    /// <param name="named">What is named.</param>
    /// <param name="findings">Of the file.</param>
    public static PictureFocus Of(string named, IEnumerable<Guidelines.Finding> findings) =>
        findings.FirstOrDefault(f => named.Length >= 6 && f.Fingerprint.StartsWith(named, StringComparison.OrdinalIgnoreCase)) is { } finding ? Of(finding) : new(named == "(root)" ? "" : named);

    /// <summary>Index of the box; of the module that holds it where the picture has none for it; -1 where it has neither.</summary>
    internal int In(Picture picture)
    {
        var function = Operator is null ? -1 : Find(picture, b => b.IsOperation && b.Path == Module && b.Name == Operator);
        return function >= 0 ? function : Find(picture, b => !b.IsOperation && b.Path == Module);
    }

    private static int Find(Picture picture, Func<PictureBox, bool> matches)
    {
        for (var i = 0; i < picture.Boxes.Length; i++)
        {
            if (matches(picture.Boxes[i]))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>Folds and lays out pictures by the script that the HTML report's page runs too, here in an interpreter.</summary>
/// <remarks>One per drawing: the interpreter has state. It sees the picture's data and nothing else of the machine.</remarks>
internal sealed class PictureScript : IDisposable
{
    /// <summary>The layout of a page takes half a second; what takes longer than this is refused.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Engine _engine;

    public PictureScript()
    {
        _engine = new(options => options.TimeoutInterval(Limit).LimitRecursion(4000));
        _engine.Execute("var structuredClone = x => x === undefined ? x : JSON.parse(JSON.stringify(x));");
        _engine.Execute(Source);
    }

    /// <summary>The style sheet that the drawing's classes mean.</summary>
    public static string Style { get; } = Resource("picture.css");

    /// <summary>The layout (dagre, MIT license) and what folds and draws with it.</summary>
    public static string Source { get; } = $"/* dagre 3.1.3, Copyright (c) 2012-2014 Chris Pettitt, MIT license */\n{Resource("dagre.min.js").Split("//# sourceMappingURL")[0].TrimEnd()}\n{Resource("picture.js")}";

    /// <summary>The drawing as a tree of elements, with its width and height in pixels.</summary>
    public JsonDocument Draw(Picture picture, PictureView view) => Run("draw", picture, view);

    /// <summary>Boxes and arrows that are in sight, without places.</summary>
    public JsonDocument Outline(Picture picture, PictureView view) => Run("outline", picture, view);

    public void Dispose() => _engine.Dispose();

    private static string Resource(string name) => EmbeddedText.Find($"pictures/{name}")!;

    private JsonDocument Run(string function, Picture picture, PictureView view)
    {
        if (!string.IsNullOrEmpty(view.Module) && !picture.Boxes.Any(b => !b.IsOperation && b.Path == view.Module))
        {
            throw new ModelReadException("MG.Graph.NoSuchModule", $"the model has no module '{view.Module}'");
        }

        var focus = view.Focus?.In(picture) ?? -1;
        if (view.Focus is { } wanted && focus < 0)
        {
            throw new ModelReadException("MG.Graph.NoSuchModule", $"the model has no finding and no module '{wanted.Module}'");
        }

        try
        {
            _engine.SetValue("focus", focus);
            _engine.SetValue("data", PictureData.Of(picture));
            _engine.SetValue("module", view.Module ?? "");
            _engine.SetValue("depth", view.Depth);
            _engine.SetValue("most", view.Most);
            var text = _engine.Evaluate(string.Create(CultureInfo.InvariantCulture, $"JSON.stringify(modelPictures.{function}(JSON.parse(data), {{ module: module, depth: depth, most: most, focus: focus < 0 ? undefined : focus }}))"));
            return JsonDocument.Parse(text.AsString(), new() { MaxDepth = 512 });
        }
        catch (Exception e) when (e is TimeoutException or Jint.Runtime.RecursionDepthOverflowException)
        {
            throw new ModelReadException("MG.Graph.TooLarge", "the picture is too large to be laid out; choose a module or a depth", null, e);
        }
    }
}
