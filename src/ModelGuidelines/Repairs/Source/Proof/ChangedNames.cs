using System.Text.RegularExpressions;
using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What modules of the changed file were called in the original.</summary>
internal sealed partial class ChangedNames
{
    private readonly Dictionary<string, SourceChange> _new = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Model, string Name), string> _aliases = [];

    public ChangedNames(ModelGraph before, IReadOnlyCollection<SourceChange> changes)
    {
        foreach (var change in changes.Where(c => c.Attribute != c.Copied || c.IsList))
        {
            if (change is { IsList: true, Kind: RepairKind.ModuleCopy })
            {
                _listed.Add(change.Copied[(change.Copied.LastIndexOf('.') + 1)..]);
            }

            if (change.IsList && change.Attribute == change.Copied)
            {
                _lists[change.Attribute] = change.Copied;
            }
            else
            {
                _new[change.Attribute] = change;
            }
        }

        // A name may be one of several objects', where the code decides between them: then they are told apart by their conditions.
        foreach (var module in before.Modules.Where(m => !m.Aliases.IsEmpty))
        {
            foreach (var alias in module.Aliases)
            {
                var (one, other) = (First(module.Model, module.QualifiedName), First(module.Model, alias));
                if (one != other)
                {
                    _aliases[(module.Model, other)] = one;
                }
            }
        }
    }

    /// <summary>Whether some loop's calls of it, or of what it was, go to a list now.</summary>
    public bool IsListed(ModelModule module)
    {
        var name = Of(module);
        return _listed.Contains(name[(name.LastIndexOf('.') + 1)..]);
    }

    public bool IsFunction(ModelModule module) => FunctionChange(module) is not null;

    /// <summary>The function that a new module took the place of.</summary>
    public string? Function(ModelModule module) => FunctionChange(module) is { } change ? OperationTable.Canonical(change.Finding.Operator ?? "") : null;

    /// <summary>The change that made a module, or a list with one for each round, of a function.</summary>
    public SourceChange? FunctionChange(ModelModule module)
    {
        var parts = module.QualifiedName.Split('.');
        var isElement = parts.Length > 1 && !char.IsLetter(parts[^1].FirstOrDefault('_')) && _new.TryGetValue(parts[^2], out var list) && list is { IsList: true, Kind: RepairKind.FunctionalToModule };
        return _new.GetValueOrDefault(isElement ? parts[^2] : parts[^1]) is { Kind: RepairKind.FunctionalToModule } change ? change : null;
    }

    /// <summary>Whether it only holds copies.</summary>
    public bool IsList(ModelModule module) => module.TypeName == "ModuleList" && (_lists.ContainsKey(Last(module)) || (_new.TryGetValue(Last(module), out var change) && change.IsList));

    /// <summary>Whether it is a further one of a module of the original.</summary>
    public bool IsCopy(ModelModule module)
    {
        var parts = module.QualifiedName.Split('.');
        return Of(module) != module.QualifiedName
            && !Enumerable.Range(0, parts.Length).Any(i => _lists.ContainsKey(parts[i]) && i + 1 < parts.Length && (parts[i + 1] == "0" || !char.IsAsciiLetterOrDigit(parts[i + 1][0])));
    }

    public string Of(ModelModule module)
    {
        var parts = module.QualifiedName.Split('.');
        var result = new List<string>();
        for (var i = 0; i < parts.Length; i++)
        {
            var isList = false;
            if (_new.TryGetValue(parts[i], out var change) && change.Kind is RepairKind.ModuleCopy)
            {
                result.AddRange(change.Copied.Split('.'));
                isList = change.IsList;
            }
            else
            {
                isList = _lists.ContainsKey(parts[i]);
                result.Add(parts[i]);
            }

            if (isList && i + 1 < parts.Length && (parts[i + 1].All(char.IsAsciiDigit) || !char.IsLetter(parts[i + 1][0])))
            {
                i++; // the element
            }
        }

        // The longest part that was another name of one object.
        for (var length = result.Count; length > 0; length--)
        {
            if (string.Join('.', result.Take(length)) is var part && First(module.Model, part) is var name && name != part)
            {
                return string.Join('.', result.Skip(length).Prepend(name));
            }
        }

        return string.Join('.', result);
    }

    /// <summary>The change that made it, or what it is in, with parameters that a checkpoint of before does not know; null where none did.</summary>
    public SourceChange? Maker(ModelModule module) =>
        module.QualifiedName.Split('.').Select(p => _new.GetValueOrDefault(p)).FirstOrDefault(c => c is { HasParameters: true, Kind: RepairKind.ModuleCopy });

    /// <summary>A condition's words with the names of the original: of what is called in a test, <c>self.act2(x).sum() > 0</c>, is said what it is a copy of.</summary>
    public string Named(string condition) => Word().Replace(condition, m => _new.GetValueOrDefault(m.Value) is { Kind: RepairKind.ModuleCopy, IsList: false } change && !change.Copied.Contains('.', StringComparison.Ordinal) ? change.Copied : m.Value);

    [GeneratedRegex(@"\w+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Word();

    /// <summary>Its name, with <c>*</c> for the elements of new lists.</summary>
    public string Pattern(ModelModule module)
    {
        var parts = module.QualifiedName.Split('.');
        for (var i = 1; i < parts.Length; i++)
        {
            if ((_new.TryGetValue(parts[i - 1], out var change) && change.IsList) || !char.IsAsciiLetterOrDigit(parts[i].FirstOrDefault('_')))
            {
                parts[i] = parts[i].StartsWith('_') ? parts[i] : "*";
            }
        }

        return string.Join('.', parts);
    }

    /// <summary>The name that stands for all that bear one object's names.</summary>
    private string First(string? model, string name)
    {
        while (_aliases.TryGetValue((model, name), out var other))
        {
            name = other;
        }

        return name;
    }

    private static string Last(ModelModule module) => module.QualifiedName[(module.QualifiedName.LastIndexOf('.') + 1)..];
}
