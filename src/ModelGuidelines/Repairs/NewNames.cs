using System.Globalization;

namespace ModelGuidelines.Repairs;

/// <summary>Finds names for new modules: <c>relu2</c>, then <c>relu3</c>; <c>conv1</c> goes on with the next free of <c>conv2</c>, <c>conv3</c>.</summary>
internal sealed class NewNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly char _separator;

    /// <param name="names">Every qualified name in the file; what is above a name is taken too.</param>
    /// <param name="separator">Between the parts of a qualified name.</param>
    public NewNames(IEnumerable<string> names, char separator)
    {
        _separator = separator;
        Add(names);
    }

    /// <summary>Further names that are taken, with what is above them.</summary>
    public void Add(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            for (var at = name.Length; at > 0 && _taken.Add(name[..at]); at = name.LastIndexOf(_separator, at - 1))
            {
                // Adds the name and all that is above it, until one that is known.
            }
        }
    }

    /// <summary>Takes the name when it is free.</summary>
    public bool TryTake(string name) => _taken.Add(name);

    /// <summary>The next free name in the series of a module's name, which is taken with it.</summary>
    public string Next(string path)
    {
        var last = path.LastIndexOf(_separator) + 1;
        var digits = path.Length;
        while (digits > last && char.IsAsciiDigit(path[digits - 1]))
        {
            digits--;
        }

        var number = 2L;
        var stem = path;
        var hasNumber = digits < path.Length && path.Length - digits < 10;

        // After an underscore a number is an exporter's mark of a further call: it is not counted on.
        if (hasNumber && (digits == last || path[digits - 1] != '_'))
        {
            number = long.Parse(path.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture) + 1;
            stem = path[..digits];
        }
        else if (digits < path.Length)
        {
            stem = path + "x";
        }

        for (; ; number++)
        {
            var name = stem + number.ToString(CultureInfo.InvariantCulture);
            if (_taken.Add(name))
            {
                return name;
            }
        }
    }
}
