using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>Turns a counted reuse into a finding.</summary>
internal static class ReuseFinding
{
    public static Finding Create(GuidelineDescriptor guideline, ModelGraph graph, ReusedModule reused, string noun, Func<string, string> advice, Severity passive = Severity.Information)
    {
        // passive: the severity for modules that compute nothing in inference.
        var module = graph.Modules[reused.Module];
        var name = module.QualifiedName.Length == 0 ? "(root)" : module.QualifiedName;
        var others = module.Aliases.IsEmpty ? "" : $" (also registered as {string.Join(", ", module.Aliases.Select(a => $"'{a}'"))})";
        var affected = reused.Affected.Count switch
        {
            0 => "",
            1 => $", and {graph.Modules[reused.Affected[0]].QualifiedName} with it",
            var n => string.Create(CultureInfo.InvariantCulture, $", and {n} {noun}s inside with it"),
        };
        var doubt = reused.Certainty.Explanation is { } d ? $"; {d}" : "";
        return new Finding
        {
            Guideline = guideline.Id,
            Severity = ModuleTypes.ComputesNothingInInference(module) ? passive : guideline.Severity,
            Module = module.Unnamed is null ? module.QualifiedName : null,
            ModuleType = module.Type,
            Model = module.Model,
            Aliases = module.Aliases,
            CallCount = reused.CountWhereItHolds,
            Calls = [.. reused.Calls.Select(c => new CallSite(c.Caller is { } caller ? graph.Modules[caller].QualifiedName : null, c.Node, c.Location))],
            Affected = [.. reused.Affected.Select(a => graph.Modules[a].QualifiedName)],
            Node = reused.Calls.Skip(1).Select(c => c.Node).FirstOrDefault(),
            Location = reused.Calls.Skip(1).Select(c => c.Location).FirstOrDefault() ?? reused.Calls[0].Location ?? module.Location,
            Message = string.Create(CultureInfo.InvariantCulture, $"{(module.Unnamed is { } what ? $"a {noun} whose name the file does not keep ({what})" : $"{noun} '{name}'")}{others} is called {reused.CountWhereItHolds} times{affected}{doubt}"),
            Recommendation = module.Unnamed is null ? advice(name) : $"define an identical {noun} for each further use",
        }.Under(reused.Certainty);
    }
}
