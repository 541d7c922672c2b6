using System.Collections.Frozen;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Gives every further call of a module an attribute of its own, defined right behind the first one with the same arguments.</summary>
internal sealed class ModuleReuseRepair(SourceIndex index, SourceNames names, ModelGraph graph, bool includeWeighted)
{
    /// <summary>Classes of torch.nn without parameters: those that stand for functions that are handed none, and these.</summary>
    private static readonly FrozenSet<string> Parameterless = OperationTable.All.Where(o => o is { IsConstructible: true, ModuleClass: not null }).Select(o => o.ModuleClass![(o.ModuleClass!.LastIndexOf('.') + 1)..])
        .Concat(["Identity", "Flatten", "Unflatten", "Sequential", "ModuleList", "ModuleDict", "Softmax2d", "UpsamplingNearest2d", "UpsamplingBilinear2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
            "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d"])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The changes, one per further call site; or why there are none.</summary>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding)
    {
        var module = finding.Module ?? "";
        var attribute = module[(module.LastIndexOf('.') + 1)..];
        var hasParameters = HasParameters(module, finding.Model);
        if (!includeWeighted && hasParameters)
        {
            return ([], "it has parameters, which two modules would train apart: ask for it with -IncludeWeighted (--include-weighted)");
        }

        if (!finding.Aliases.IsEmpty)
        {
            var (change, reason) = new SharedObjectRepair(index).Plan(finding);
            return (change is null ? [] : [hasParameters ? change with { Note = "the names have parameters of their own from now on, which train apart" } : change], reason);
        }

        var sites = new List<(SourceLocation Location, CallSitePlace Place)>();
        foreach (var location in finding.Calls.Select(c => c.Location).OfType<SourceLocation>())
        {
            var found = index.CallsAt(location.Line, location.Column).Where(p => p.Self is { } self
                && p.Call.Function is AttributeExpression { Value: NameExpression owner } called && called.Name == attribute && owner.Name == self).ToList();
            if (found is not [var place] || place.Class is null)
            {
                return ([], $"it is not called as an attribute of its own module (line {location.Line})");
            }

            if (place.Repeats || sites.Exists(s => s.Location == location))
            {
                return ([], $"line {location.Line} calls it several times in one pass: a loop, or a method that is called more than once");
            }

            sites.Add((location, place));
        }

        if (sites.Count < 2)
        {
            return ([], "the file does not say where all its calls stand");
        }

        var classes = sites.SelectMany(s => index.WithBases(s.Place.Class!)).Distinct().ToList();
        var definitions = index.Attributes.Where(a => a.Attribute == attribute && classes.Contains(a.Class)).ToList();
        if (definitions.Count == 0 || definitions.Select(d => d.Class).Distinct().Count() != 1)
        {
            return ([], "it is not defined in the __init__ of one class of this file");
        }

        if (definitions.Exists(d => !d.IsInInit || !d.IsPlain || !IsConstruction(d)))
        {
            return ([], "its definition is more than a constructor's call: the object comes from outside, or is held elsewhere too");
        }

        if (hasParameters && index.OtherUses.Contains(attribute))
        {
            return ([], "it has parameters that are also used or changed elsewhere in the file");
        }

        var changes = new List<SourceChange>();
        var previous = attribute;
        foreach (var (location, place) in sites.Skip(1))
        {
            previous = names.Next(previous);
            var edits = new List<SourceEdit>();
            foreach (var definition in definitions)
            {
                if (index.EndOfLine(definition.Statement) is not { } end)
                {
                    return ([], "its definition stands on the line of another statement");
                }

                var target = ((AssignStatement)definition.Statement).Targets[0];
                var text = index.File.TextOf(definition.Statement).ToString();
                var cut = target.End - definition.Statement.Start;
                edits.Add(end.Insert(string.Concat(text.AsSpan(0, cut - attribute.Length), previous, text.AsSpan(cut))));
            }

            var called = (AttributeExpression)place.Call.Function;
            edits.Add(new(new(called.End - attribute.Length, called.End), previous));
            changes.Add(new()
            {
                Kind = RepairKind.ModuleCopy,
                Finding = finding,
                Attribute = previous,
                NewModule = module[..(module.Length - attribute.Length)] + previous,
                Location = location,
                Note = hasParameters ? $"'{previous}' has parameters of its own: from now on the two train apart, and saved weights of '{attribute}' have to be loaded into '{previous}' as well" : null,
                Edits = edits,
            });
        }

        return (changes, null);
    }

    private static bool IsConstruction(AttributeDefinition definition) =>
        definition is { Value: CallExpression { Function: var function }, Statement: AssignStatement } && function switch
        {
            NameExpression => true,
            AttributeExpression { Value: var value } => !IsOfSelf(value),
            _ => false,
        };

    private static bool IsOfSelf(Expression value) => value switch
    {
        NameExpression { Name: "self" } => true,
        AttributeExpression a => IsOfSelf(a.Value),
        CallExpression => true,
        _ => false,
    };

    private bool HasParameters(string module, string? model) => graph.Modules.Any(m => m.Model == model
        && (m.QualifiedName == module || m.QualifiedName.StartsWith(module + ".", StringComparison.Ordinal)) && (!m.Parameters.IsEmpty || MayHaveParameters(m)));

    /// <summary>A framework's class has parameters unless it is known to have none; a user's own class shows its own.</summary>
    private static bool MayHaveParameters(ModelModule module) => module.Origin is not ModuleOrigin.User && module.TypeName is { } type && !Parameterless.Contains(type);
}
