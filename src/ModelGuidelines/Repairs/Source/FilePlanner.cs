using System.Text.RegularExpressions;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Plans repairs whose calls, or the words that hand an object on, stand in one file of the project.</summary>
internal sealed partial class FilePlanner
{
    private readonly Dictionary<SourceClass, ClassFamily> _families = [];

    /// <param name="main">That file.</param>
    /// <param name="audited">The full path of the audited one.</param>
    /// <param name="texts">What files hold.</param>
    /// <param name="graph">What following the audited one showed.</param>
    /// <param name="names">New names, of all that is planned.</param>
    /// <param name="settings">What is asked for.</param>
    /// <param name="cancellation">Whether somebody still waits.</param>
    public FilePlanner(SourceTree main, string audited, ProjectTexts texts, ModelGraph graph, SourceNames names, RepairSettings settings, CancellationToken cancellation)
    {
        Files = new(main, audited, texts, settings.Folder, cancellation);
        Related = Files.Main.Nodes.OfType<ClassDefinition>().SelectMany(c => FamilyOf(new(Files.Main, c)).Members.Select(m => m.Tree)).Append(Files.Main).Distinct().ToList();
        names.Add(Related);
        Functions = new(Files, names, FamilyOf);
        Modules = new(Files, names, FamilyOf, new(Files, graph), graph, settings);
    }

    public SourceFiles Files { get; }

    /// <summary>Files of the classes that those of the file derive from, or that derive from them.</summary>
    public List<SourceTree> Related { get; }

    public FunctionCallRepair Functions { get; }

    public ModuleReuseRepair Modules { get; }

    /// <summary>What was planned, with its file's name in each edit; or what speaks against the new names.</summary>
    public (List<SourceChange> Changes, string? Reason) Named((List<SourceChange> Changes, string? Reason) plan)
    {
        if (plan.Reason is not null)
        {
            return plan;
        }

        var planned = plan.Changes.ConvertAll(c => c with { Edits = [.. c.Edits.Select(e => e.Path is null ? e.In(Files.Main) : e)] });

        // A name that is put together at run time may be the new one's. So may somebody elsewhere in the folder who has such an object from another change what the new module is made of.
        return planned.Where(c => c.Shared is null && c.Attribute != c.Copied).Select(c => ComputedNames.Of(Files.All, Related, c.Attribute)).FirstOrDefault(n => n is not null) is { } computed ? ([], computed)
            : planned.SelectMany(ReadBy).Distinct().Select(a => (Name: a, File: Files.ChangedElsewhere(a))).FirstOrDefault(a => a.File is not null) is { File: { } elsewhere } changed ? ([], $"{Path.GetFileName(elsewhere)} changes an attribute '{changed.Name}' of some object")
            : (planned, null);
    }

    /// <summary>Attributes that a change's new modules stand for or are made of.</summary>
    private static IEnumerable<string> ReadBy(SourceChange change) => Attribute().Matches(string.Join('\n', change.Edits.Select(e => e.Text))).Select(m => m.Groups["name"].Value).Append(change.Copied.Split('.')[0]).Where(n => n.Length > 0 && n != change.Attribute);

    [GeneratedRegex(@"\bself\.(?<name>\w+)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Attribute();

    private ClassFamily FamilyOf(SourceClass type) => _families.TryGetValue(type, out var known) ? known : _families[type] = new(Files, type);
}
