using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Audit;

/// <summary>Makes one finding of all that stand at one place: people fix places, not the modules that come to them.</summary>
internal static partial class Places
{
    /// <summary>Call sites kept of one place.</summary>
    private const int MaximumCalls = 100;

    /// <summary>The place of a finding in source: what a person would go to.</summary>
    /// <param name="finding">Its location names the file as reports do.</param>
    /// <param name="owner">The class around the location.</param>
    public static string InSource(Finding finding, string owner)
    {
        var file = finding.Location!.File;
        var line = finding.Location.Line.ToString(CultureInfo.InvariantCulture);

        if (finding.Subject is not FindingSubject.Module)
        {
            return Key(finding.Guideline, file, owner, finding.Subject is FindingSubject.Class ? finding.ModuleType : line);
        }

        // A value at a border belongs to the class whose border it is, whichever of its returns or callers shows it.
        return finding.Direction switch
        {
            ValueDirection.Input => Key(finding.Guideline, file, $"{(finding.IsAtDefinition ? Home(finding.ModuleType) : "")}{owner}", line, "input", finding.Argument),
            ValueDirection.Output => Key(finding.Guideline, file, $"{Home(finding.ModuleType)}{owner}", "output", finding.Argument),
            _ => Key(finding.Guideline, file, owner, line, finding.Operator ?? (finding.Framework is Framework.Keras ? Numbers().Replace(finding.Module ?? "", "*") : Attribute(finding.Module))),
        };
    }

    /// <summary>The place of a finding in a graph file: equal blocks differ only by the numbers in their names.</summary>
    public static string InGraph(Finding finding) => Key(
        finding.Guideline,
        finding.ModuleType,
        Pattern(Subject(finding)),
        finding.Direction is null ? finding.Operator : $"{(finding.Direction is ValueDirection.Input ? "input" : "output")} {finding.Argument}",
        finding.Location?.ToString(),
        finding.Confidence is Confidence.Likely ? "likely" : null);

    /// <summary>What a finding in a graph file is about: a module, or a weight or node that is in none.</summary>
    public static string Subject(Finding finding) => finding.Module ?? finding.Node ?? "";

    /// <summary>The name with each number as <c>*</c>: <c>layer*.*.act</c>. A number in the last part belongs to it: <c>conv1</c> and <c>conv2</c> are two attributes.</summary>
    public static string Pattern(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange('0', '9'))
        {
            return name;
        }

        var last = name.LastIndexOfAny(['.', '/']) + 1;
        return Numbers().Replace(name[..last], "*") + (name[last..] is { Length: > 0 } tail && tail.All(char.IsAsciiDigit) ? "*" : name[last..]);
    }

    /// <summary>The class or function that holds a place in source, and the attribute: what stays when lines and files move.</summary>
    public static string Holder(Finding finding) => string.Join(' ', finding.Place.Split(" | ").Skip(2).Where(p => !p.All(char.IsAsciiDigit)));

    /// <summary>What programs get, in the order in which it comes: of source one finding a place, of graph files one for each module at it.</summary>
    /// <remarks>A line of source is edited once. In a graph file the module is what somebody looks up; the place says which belong together.</remarks>
    public static IEnumerable<Finding> Merge(IEnumerable<Finding> findings) => Merge(findings, f => (f.Place, f.SourcePath is null ? Subject(f) : ""));

    /// <summary>What people get: one finding a place, of graph files too.</summary>
    public static ImmutableArray<Finding> ForPeople(IEnumerable<Finding> findings) => [.. Merge(findings, f => (f.Place, ""))];

    private static IEnumerable<Finding> Merge(IEnumerable<Finding> findings, Func<Finding, (string Place, string Subject)> same)
    {
        // Most places hold one finding: a list is made for the others.
        var places = new Dictionary<(string Place, string Subject), int>();
        var order = new List<(Finding? One, List<Finding>? All)>();
        foreach (var finding in findings)
        {
            var key = same(finding);
            if (finding.Place.Length == 0 || !places.TryGetValue(key, out var at))
            {
                places[key] = order.Count;
                order.Add((finding, null));
                continue;
            }

            var (one, all) = order[at];
            (all ??= [one!]).Add(finding);
            order[at] = (null, all);
        }

        for (var i = 0; i < order.Count; i++)
        {
            var (one, all) = order[i];
            order[i] = default; // what comes of it takes its place
            yield return all is null ? Alone(one!) : One(all);
        }
    }

    /// <summary>The only finding of a place.</summary>
    private static Finding Alone(Finding only)
    {
        if (only.InstanceCount > 0)
        {
            return only;
        }

        if (only is { SourcePath: null, Instances.IsEmpty: true, Models.IsEmpty: true, Aliases.Length: < 2, Affected.Length: < 2 })
        {
            return only with { Instances = only.Module is null ? [] : [only.Module], InstanceCount = only.Module is null ? 0 : 1, Models = only.Model is null ? [] : [only.Model], Message = only.Sentence ?? only.Message };
        }

        return One([only]);
    }

    private static Finding One(List<Finding> same)
    {
        // The worst and surest says most, and is as sure as it says; of equals the first.
        var lead = same.OrderByDescending(f => f.Severity).ThenByDescending(f => f.Confidence).ThenBy(f => f.Conditions.Length).First();
        IEnumerable<Finding> all = same.Count == 1 ? same : same.Prepend(lead);
        ImmutableArray<string> instances = [.. all.SelectMany(f => f.Instances.IsEmpty ? f.Module is null ? [] : [f.Module] : f.Instances).Distinct(StringComparer.Ordinal)];
        return lead with
        {
            Instances = instances,
            InstanceCount = instances.Length,
            Models = [.. all.SelectMany(f => f.Models.IsEmpty ? f.Model is null ? [] : [f.Model] : f.Models).Distinct(StringComparer.Ordinal)],
            Aliases = [.. all.SelectMany(f => f.Aliases).Distinct(StringComparer.Ordinal)],
            Affected = [.. all.SelectMany(f => f.Affected).Distinct(StringComparer.Ordinal)],
            Calls = lead.SourcePath is null ? lead.Calls : [.. all.SelectMany(f => f.Calls).DistinctBy(c => c.Location is null ? (object)c : c.Location).Take(MaximumCalls)],
            Message = Message(lead, instances),
        };
    }

    /// <summary>The message of a finding that was read back, without the other instances.</summary>
    public static string SentenceOf(Finding finding) => finding.Message.EndsWith(Others(finding.Instances), StringComparison.Ordinal) ? finding.Message[..^Others(finding.Instances).Length] : finding.Message;

    private static string Message(Finding lead, ImmutableArray<string> instances) => (lead.Sentence ?? lead.Message) + Others(instances);

    private static string Others(ImmutableArray<string> instances)
    {
        if (instances.Length < 2)
        {
            return "";
        }

        var patterns = instances.Skip(1).Select(Pattern).Distinct(StringComparer.Ordinal).Take(3).ToList();
        var names = string.Join(", ", patterns.Take(2).Select(p => p.Length == 0 ? "the root" : p)) + (patterns.Count > 2 ? ", ..." : "");
        return string.Create(CultureInfo.InvariantCulture, $" (and {instances.Length - 1} more: {names})");
    }

    /// <summary>What holds the class: classes of one file whose forward is inherited are one place, those of other files are others.</summary>
    private static string Home(string? type) => type?.LastIndexOf('.') is > 0 and var dot ? type[..(dot + 1)] : "";

    /// <summary>The attribute behind a qualified name; what it holds at any depth goes by <c>layers.*</c>.</summary>
    private static string Attribute(string? module)
    {
        var parts = Pattern(module ?? "").Split('.', '/');
        var last = Math.Max(Array.FindLastIndex(parts, p => p != "*"), 0);
        return last < parts.Length - 1 ? $"{parts[last]}.*" : parts[last];
    }

    private static string Key(params string?[] parts)
    {
        var kept = 0;
        foreach (var part in parts)
        {
            if (!string.IsNullOrEmpty(part))
            {
                parts[kept++] = part;
            }
        }

        return string.Join(" | ", parts, 0, kept);
    }

    [GeneratedRegex("[0-9]+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Numbers();
}
