namespace ModelGuidelines.Python.Syntax;

/// <summary>Names that belong to a class alone: in a class <c>Net</c> Python reads <c>self.__act</c> as <c>self._Net__act</c>, so that a base's <c>__act</c> is another attribute.</summary>
internal sealed class PrivateNames
{
    private readonly Dictionary<(string Class, string Name), string> _known = [];
    private string? _class;

    /// <summary>A name as Python knows it in the class that is entered.</summary>
    public string Of(string name)
    {
        if (_class is null || !name.StartsWith("__", StringComparison.Ordinal) || name.EndsWith("__", StringComparison.Ordinal))
        {
            return name;
        }

        return _known.TryGetValue((_class, name), out var known) ? known : _known[(_class, name)] = $"_{_class}{name}";
    }

    /// <summary>Enters the body of a class.</summary>
    /// <param name="name">Its name, as it is written: what it begins with underscores is left out, and of one that has nothing else no name is private.</param>
    /// <returns>What to leave it with.</returns>
    public string? Enter(string name)
    {
        var around = _class;
        _class = name.TrimStart('_') is { Length: > 0 } stripped ? stripped : null;
        return around;
    }

    public void Leave(string? around) => _class = around;
}
