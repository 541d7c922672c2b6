using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Registries: dictionaries at a file's own level that other files fill while they are imported. A file is run when a name of it is needed; an entry that it makes is such a name.</content>
internal sealed partial class Evaluator
{
    /// <summary>Entries that are sought in files that have not run.</summary>
    private const int MaxSought = 50;
    private const int MaxSeekRounds = 4;
    private readonly HashSet<(DictValue Registry, string Key)> _sought = [];
    private readonly Dictionary<SourceModule, IReadOnlyCollection<string>> _imports = [];

    /// <summary>Runs imported files that may make an entry which is asked for and not there: those whose text defines or quotes it.</summary>
    private void Seek(DictValue registry, Value key)
    {
        if (registry.NamesOf is { } file && key is ConstantValue { Raw: string global } && registry.Find(key) is null && ModuleName(file, global) is { } named)
        {
            registry.Set(key, named);
        }

        if (registry.Home is not { } home || registry.Rest is not null || Observer is not null || _sought.Count >= MaxSought
            || key is not ConstantValue { Peek: string { Length: > 0 and < 200 } name } || registry.Find(name) is not null || !_sought.Add((registry, name)))
        {
            return;
        }

        // Who imports a file imports the packages around it, and what those import.
        var package = Package(home);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var packages = new HashSet<SourceModule>();
        for (var round = 0; round < MaxSeekRounds; round++)
        {
            var before = seen.Count;
            foreach (var dotted in _project.Modules.Where(m => (m.IsRun || packages.Contains(m)) && Package(m) == package).ToList().SelectMany(m => Imports(m).Concat(Around(m))).Distinct(StringComparer.Ordinal).ToList())
            {
                if (!seen.Add(dotted))
                {
                    continue;
                }

                if (_project.IsPackage(dotted) && _project.Find(dotted, home) is { } init)
                {
                    packages.Add(init);
                }

                if (!_project.MayMake(dotted, name) || _project.Find(dotted, home) is not { IsRun: false } module)
                {
                    continue;
                }

                Run(module);
                if (registry.Find(name) is not null)
                {
                    return;
                }
            }

            if (seen.Count == before)
            {
                return;
            }
        }
    }

    private static IEnumerable<string> Around(SourceModule module)
    {
        for (var dot = module.DottedName.LastIndexOf('.'); dot > 0; dot = module.DottedName.LastIndexOf('.', dot - 1))
        {
            yield return module.DottedName[..dot];
        }
    }

    private IReadOnlyCollection<string> Imports(SourceModule module) => _imports.TryGetValue(module, out var known) ? known : _imports[module] = [.. _project.Imports(module)];

    private static string Package(SourceModule module) => module.DottedName.Split('.')[0];
}
