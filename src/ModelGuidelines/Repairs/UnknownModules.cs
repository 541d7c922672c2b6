using System.IO.Enumeration;
using ModelGuidelines.Audit;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>Names of modules that were asked for and that no file has: a mistake, not nothing to do.</summary>
public static class UnknownModules
{
    /// <summary>Strikes off the names, or patterns, that a file has.</summary>
    public static void Strike(List<string> names, AuditInput input, CancellationToken cancellation = default)
    {
        if (names.Count > 0)
        {
            var (_, graph) = Auditor.Default.ReadGraph(input.FullPath, ReadLimits.Default, cancellation);
            names.RemoveAll(p => graph.Modules.Any(m => m.Aliases.Append(m.QualifiedName).Any(n => FileSystemName.MatchesSimpleExpression(p, n, ignoreCase: false))));
        }
    }
}
