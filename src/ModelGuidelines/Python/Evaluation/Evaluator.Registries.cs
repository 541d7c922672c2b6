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
    private readonly Dictionary<DictValue, IReadOnlyCollection<string>?> _tables = [];
    private readonly List<(string Package, HashSet<SourceModule> Around, List<string> Files)> _reached = [];
    private int _reachedAt;
    private int _runs;

    /// <summary>Runs imported files that may make an entry which is asked for and not there: those whose text defines or quotes it.</summary>
    private void Seek(DictValue registry, Value key, bool isDefined = false)
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
            foreach (var dotted in Reached(package, packages))
            {
                if (!seen.Add(dotted))
                {
                    continue;
                }

                if (_project.IsPackage(dotted) && _project.Find(dotted, home) is { } init)
                {
                    packages.Add(init);
                }

                if (!_project.MayMake(dotted, name, isDefined) || _project.Find(dotted, home) is not { IsRun: false } module || !MayFill(module, registry, home))
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

    /// <summary>Whether running a file may put something into it: it is no table that only its own file fills, or the file, one that it imports or one that has run says its name.</summary>
    private bool MayFill(SourceModule file, DictValue registry, SourceModule home)
    {
        if (!_tables.TryGetValue(registry, out var names))
        {
            _tables[registry] = names = OwnTable.NamesOf(registry, home);
        }

        return names is null || Imports(file).Append(file.DottedName).Concat(_project.Modules.Where(m => m.IsRun).Select(m => m.DottedName)).Any(f => names.Any(n => _project.Says(f, n, home)));
    }

    /// <summary>Names of the files that those of a package import which have run, and that are around them: the same lists until another file is run.</summary>
    private List<string> Reached(string package, HashSet<SourceModule> packages)
    {
        if (_reachedAt != _runs)
        {
            _reached.Clear();
            _reachedAt = _runs;
        }

        if (_reached.Find(r => r.Package == package && r.Around.SetEquals(packages)).Files is { } known)
        {
            return known;
        }

        List<string> files = [.. _project.Modules.Where(m => (m.IsRun || packages.Contains(m)) && Package(m) == package).ToList().SelectMany(m => Imports(m).Concat(Around(m))).Distinct(StringComparer.Ordinal)];
        _reached.Add((package, [.. packages], files));
        return files;
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
