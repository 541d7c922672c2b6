using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Tests.Corpus;

/// <summary>The figures of one kind of file and one guideline.</summary>
internal sealed class Score
{
    public int Files { get; set; }

    public int True { get; set; }

    /// <summary>Of <see cref="True"/>, those said with Likely.</summary>
    public int LikelyTrue { get; set; }

    /// <summary>Wrong and Certain.</summary>
    public int CertainFalse { get; set; }

    public int LikelyFalse { get; set; }

    public int Missed { get; set; }

    public int Undecided { get; set; }

    /// <summary>Every wrong line, for who looks for the reason.</summary>
    public List<string> Wrong { get; } = [];

    public double CertainPrecision => Ratio(True - LikelyTrue, CertainFalse);

    public double LikelyPrecision => Ratio(LikelyTrue, LikelyFalse);

    public double Recall => Ratio(True, Missed);

    private static double Ratio(int good, int bad) => good + bad == 0 ? 1 : (double)good / (good + bad);
}

/// <summary>Compares what was found with what was recorded. Only what a kind of file can know is held against the tool.</summary>
internal sealed class CorpusScore
{
    private static readonly HashSet<string> NoOperation = ["Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "DropPath", "StochasticDepth"];
    private static readonly HashSet<string> ShapeOnly = ["Flatten", "Unflatten"];
    private static readonly HashSet<string> LenientParts = ["", "Tensor", "None", "int", "float", "bool", "str"];

    private readonly SortedDictionary<(string Kind, string Guideline), Score> _scores = [];

    public IReadOnlyDictionary<(string Kind, string Guideline), Score> Scores => _scores;

    /// <summary>Files that gave an error, by kind.</summary>
    public List<(string Kind, string Line)> Unread { get; } = [];

    public void Add(string kind, string name, CorpusTruth truth, AuditResult result)
    {
        if (result.Error is { } error)
        {
            Unread.Add((kind, $"UNREAD {name}: {error.Id}: {error.Message}"));
            return;
        }

        var undecided = result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable).Select(g => g.Guideline).ToHashSet();
        var fails = result.Findings.Where(f => f.Severity is not Severity.Information).SelectMany(f => f.Instances.DefaultIfEmpty(f.Module).Select(m => f with { Module = m })).ToLookup(f => f.Guideline);
        if (truth.Framework == "pytorch")
        {
            ScoreModuleReuse(kind, name, truth, fails["PyTorch.ModuleReuse"], undecided);
            ScoreFunctionalCall(kind, name, truth, fails["PyTorch.FunctionalCall"], undecided);
            ScoreTensorInterface(kind, name, truth, fails["PyTorch.TensorInterface"], undecided);
        }
        else
        {
            ScoreModelApi(kind, name, truth, fails["Keras.ModelApi"].Any(), undecided);
            ScoreLayerReuse(kind, name, truth, fails["Keras.LayerReuse"], undecided);
        }
    }

    /// <summary>The table that the tests print.</summary>
    public IEnumerable<string> Table() => _scores.Select(s => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Key.Kind,-18}{s.Key.Guideline,-25} files {s.Value.Files,4}  certain {s.Value.CertainPrecision:F3}  likely {s.Value.LikelyPrecision:F3}  recall {s.Value.Recall:F3}  (true {s.Value.True}, of which likely {s.Value.LikelyTrue}; false {s.Value.CertainFalse} + {s.Value.LikelyFalse} likely; missed {s.Value.Missed}; undecided files {s.Value.Undecided})"));

    private Score For(string kind, string guideline)
    {
        if (!_scores.TryGetValue((kind, guideline), out var score))
        {
            _scores.Add((kind, guideline), score = new());
        }

        score.Files++;
        return score;
    }

    /// <summary>Counts what was said: true, false, or neither (null).</summary>
    private static HashSet<T> Judge<T>(Score score, string where, string noun, IEnumerable<Finding> findings, Func<Finding, T> key, Func<T, bool?> isTrue)
        where T : notnull
    {
        var said = findings.ToLookup(key);
        foreach (var group in said)
        {
            var likely = group.Any(f => f.Confidence is Confidence.Likely);
            switch (isTrue(group.Key))
            {
                case true:
                    score.True++;
                    score.LikelyTrue += likely ? 1 : 0;
                    break;
                case false:
                    score.LikelyFalse += likely ? 1 : 0;
                    score.CertainFalse += likely ? 0 : 1;
                    score.Wrong.Add($"{(likely ? "LIKELY-FALSE" : "FALSE ")} {where}: {noun} {group.Key}");
                    break;
                default:
                    break;
            }
        }

        return said.Select(g => g.Key).ToHashSet();
    }

    private void ScoreModuleReuse(string kind, string where, CorpusTruth truth, IEnumerable<Finding> findings, HashSet<string> undecided)
    {
        var score = For(kind, "PyTorch.ModuleReuse");
        var known = truth.Reused.SelectMany(e => e.AllNames).ToHashSet();
        var onnx = kind.StartsWith("onnx", StringComparison.Ordinal);
        var said = Judge(score, where, "reuse of", findings, f => f.Module ?? "", m => known.Contains(m));
        if (undecided.Contains("PyTorch.ModuleReuse") && said.Count == 0)
        {
            score.Undecided++;
            return;
        }

        bool ComputesNothing(TruthReuse e)
        {
            var type = e.Type.Split('.')[^1];
            return NoOperation.Contains(type) || (onnx && ShapeOnly.Contains(type)) || e.Type.EndsWith("DropPath", StringComparison.Ordinal) || e.Type.EndsWith("Dropout", StringComparison.Ordinal);
        }

        var nothing = truth.Reused.Where(ComputesNothing).SelectMany(e => e.AllNames).ToHashSet();
        foreach (var e in truth.Reused.Where(e => e.Leaf && IsCarried(kind, e) && !e.AllNames.Any(nothing.Contains)))
        {
            if (!e.AllNames.Any(n => said.Any(m => n == m || (m.Length > 0 && n.StartsWith(m + ".", StringComparison.Ordinal)))))
            {
                score.Missed++;
                score.Wrong.Add($"MISSED {where}: reuse of '{e.Path}' ({e.Type}, {e.Calls} calls)");
            }
        }
    }

    /// <summary>An object without parameters, reached by as many names as it has calls, looks like so many modules in these files.</summary>
    private static bool IsCarried(string kind, TruthReuse e) =>
        kind is not ("onnx-ts" or "onnx-dynamo" or "pt2" or "scripted") || e.Parameters > 0 || e.Calls > e.Aliases.Length + 1;

    private void ScoreFunctionalCall(string kind, string where, CorpusTruth truth, IEnumerable<Finding> findings, HashSet<string> undecided)
    {
        var score = For(kind, "PyTorch.FunctionalCall");
        var onnx = kind.StartsWith("onnx", StringComparison.Ordinal);
        var must = new HashSet<(string Module, string Function)>();
        var may = new HashSet<(string Module, string Function)>();
        foreach (var f in truth.Functionals.Where(f => !f.InTorchNn))
        {
            var vanishes = onnx && (f.Function.Contains("dropout", StringComparison.Ordinal) || f.Function == "batch_norm");
            (f.Category == "module" && !f.InLeaf && !f.IsIndirect && !vanishes ? must : may).Add((f.Module, f.Function));
        }

        var said = Judge(score, where, "functional", findings, f => (f.Module ?? "", f.Operator ?? ""), p => must.Contains(p) ? true : may.Contains(p) ? null : false);
        if (undecided.Contains("PyTorch.FunctionalCall") && said.Count == 0)
        {
            score.Undecided++;
            return;
        }

        Miss(score, where, "functional", must.Except(said));
    }

    private void ScoreTensorInterface(string kind, string where, CorpusTruth truth, IEnumerable<Finding> findings, HashSet<string> undecided)
    {
        var score = For(kind, "PyTorch.TensorInterface");
        var may = truth.Interfaces.Select(i => (i.Module, i.Direction)).ToHashSet();
        var must = truth.Interfaces.Where(i => !i.Soft && !IsLenient(i.Type)).Select(i => (i.Module, i.Direction)).ToHashSet();
        var said = Judge(
            score, where, "interface", findings, f => (f.Module ?? "", f.Direction switch { ValueDirection.Input => "input", ValueDirection.Output => "output", _ => "" }),
            p => must.Contains(p) ? true : may.Contains(p) ? null : false);
        if (undecided.Contains("PyTorch.TensorInterface"))
        {
            score.Undecided++;
            return;
        }

        Miss(score, where, "interface", must.Except(said));
    }

    /// <summary>A tuple of tensors in which None, numbers or flags stand too: reported or not, neither is held against the tool.</summary>
    private static bool IsLenient(string type) =>
        type.StartsWith("tuple[", StringComparison.Ordinal)
        && !new[] { "list", "dict", "Dict", "dataclass", "namedtuple", "set" }.Any(w => type.Contains(w, StringComparison.Ordinal))
        && type.Replace("tuple", "", StringComparison.Ordinal).Split(['[', ']', ',']).All(LenientParts.Contains);

    private void ScoreModelApi(string kind, string where, CorpusTruth truth, bool said, HashSet<string> undecided)
    {
        var score = For(kind, "Keras.ModelApi");
        var bad = truth.Api is "subclassed" or "mixed";
        if (said && bad)
        {
            score.True++;
        }
        else if (said && !truth.IsApiQuestionable)
        {
            score.CertainFalse++;
            score.Wrong.Add($"FALSE  {where}: api is {truth.Api}");
        }
        else if (!said && bad && undecided.Contains("Keras.ModelApi"))
        {
            score.Undecided++;
        }
        else if (!said && bad)
        {
            score.Missed++;
            score.Wrong.Add($"MISSED {where}: api is {truth.Api}");
        }
    }

    private void ScoreLayerReuse(string kind, string where, CorpusTruth truth, IEnumerable<Finding> findings, HashSet<string> undecided)
    {
        var score = For(kind, "Keras.LayerReuse");
        if (kind == "source")
        {
            // There a layer goes by its variable, attribute or literal name: counted, not matched.
            var names = findings.Select(f => f.Module ?? "").ToHashSet();
            var want = truth.Reused.Count(e => e.Kind == "direct");
            score.True += Math.Min(want, names.Count);
            score.CertainFalse += Math.Max(0, names.Count - want);
            score.Missed += Math.Max(0, want - names.Count);
            if (names.Count != want)
            {
                score.Wrong.Add($"{(names.Count > want ? "FALSE " : "MISSED")} {where}: {names.Count} layers said reused [{string.Join(", ", names)}], {want} are");
            }

            return;
        }

        var known = truth.Reused.SelectMany(e => new[] { e.Path, e.Name }.Concat(e.Paths)).ToHashSet();
        var said = Judge(score, where, "reuse of", findings, f => f.Module ?? "", m => known.Contains(m) || known.Contains(m.Split('/')[^1]));
        if (undecided.Contains("Keras.LayerReuse") && said.Count == 0)
        {
            score.Undecided++;
            return;
        }

        var tails = said.Select(m => m.Split('/')[^1]).ToHashSet();
        foreach (var e in truth.Reused.Where(e => e.Kind == "direct" && IsKept(kind, truth, e)))
        {
            var inside = said.Any(m => e.Path.StartsWith(m + "/", StringComparison.Ordinal) || $"/{e.Path}/".Contains($"/{m}/", StringComparison.Ordinal));
            if (!said.Contains(e.Path) && !tails.Contains(e.Name) && !inside)
            {
                score.Missed++;
                score.Wrong.Add($"MISSED {where}: reuse of '{e.Path}' ({e.Class}, {e.Calls} calls)");
            }
        }
    }

    /// <summary>Whether a file of this kind still knows of the reuse: what happens inside a call() or by adding one object twice
    /// to a Sequential is lost; one object in several containers leaves a shared_object_id, but not in Keras 3's .h5 and .json.</summary>
    private static bool IsKept(string kind, CorpusTruth truth, TruthReuse e)
    {
        if (truth.Api == "subclassed" || e.IsHeldByWrapper)
        {
            return false;
        }

        return e.Where switch
        {
            "in one graph" => kind != "savedmodel-export",
            "across containers" => kind == "keras" || (kind is "h5" or "keras-json" or "savedmodel" && !truth.IsKeras3),
            _ => false,
        };
    }

    private static void Miss<T>(Score score, string where, string noun, IEnumerable<T> missed)
    {
        foreach (var item in missed)
        {
            score.Missed++;
            score.Wrong.Add($"MISSED {where}: {noun} {item}");
        }
    }
}
