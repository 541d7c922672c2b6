using System.Globalization;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>A module's path in the file and after the repair.</summary>
/// <param name="Old">Qualified name in the original.</param>
/// <param name="New">Qualified name of the module that takes over.</param>
internal readonly record struct PathChange(string Old, string New);

/// <summary>Writes new module paths into what exporters make of them: names of nodes and metadata.</summary>
internal static class ScopeNames
{
    /// <summary>A node's name whose parts are scopes: <c>/encoder/conv1_1/Conv</c>. The last part is the operator and stays.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="chain">The modules around the node, outermost first, unchanged ones included.</param>
    /// <param name="separator">Between the parts of qualified names.</param>
    /// <returns>Null when the name shows none of the changed modules.</returns>
    public static string? InNodeName(string name, IReadOnlyList<PathChange> chain, char separator)
    {
        var parts = name.Split('/');
        var at = 0;
        var isChanged = false;
        foreach (var (old, changed) in chain)
        {
            for (var i = at; i < parts.Length - 1; i++)
            {
                if (Match(parts[i], old, separator) is not { } count)
                {
                    continue;
                }

                at = i + 1;
                var part = Tail(changed, count, separator);
                if (!string.Equals(old, changed, StringComparison.Ordinal) && parts[i] != part)
                {
                    parts[i] = part;
                    isChanged = true;
                }

                break;
            }
        }

        return isChanged ? string.Join('/', parts) : null;
    }

    /// <summary><c>pkg.torch.onnx.name_scopes</c>: <c>['', 'encoder', 'encoder.conv1', 'conv2d_2']</c>; the last element is the node's own name.</summary>
    public static string InNameScopes(string value, IReadOnlyList<PathChange> chain)
    {
        foreach (var (old, changed) in chain.Where(c => c.Old.Length > 0))
        {
            value = value.Replace($"'{old}',", $"'{changed}',", StringComparison.Ordinal);
        }

        return value;
    }

    /// <summary><c>namespace</c>: <c>: model.Model/encoder: model.Encoder/encoder.conv1: torch.nn.modules.conv.Conv2d/conv2d_2: aten.conv2d.default</c>.</summary>
    public static string InNamespace(string value, IReadOnlyList<PathChange> chain)
    {
        var parts = value.Split('/');
        for (var i = 0; i < parts.Length - 1; i++)
        {
            foreach (var (old, changed) in chain.Where(c => c.Old.Length > 0))
            {
                if (parts[i].StartsWith(old + ": ", StringComparison.Ordinal))
                {
                    parts[i] = changed + parts[i][old.Length..];
                    break;
                }
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>A node's name up to and with the scope of a module: <c>model/tower_3</c>; null when the name does not show the module.</summary>
    public static string? UpTo(string name, string path, char separator)
    {
        for (int start = 0, end; (end = name.IndexOf('/', start)) >= 0; start = end + 1)
        {
            if (Match(name[start..end], path, separator) is not null)
            {
                return name[..end];
            }
        }

        return null;
    }

    /// <summary>An operator's name without the exporter's number, and that number: <c>MatMul_1</c> is <c>MatMul</c> and 1.</summary>
    public static (string Operator, int Number) Numbered(string name)
    {
        var last = name[(name.LastIndexOf('/') + 1)..];
        var mark = last.LastIndexOf('_');
        return mark > 0 && int.TryParse(last.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (last[..mark], number) : (last, 0);
    }

    /// <summary>How many parts of the module's path the scope shows, when it shows this module: <c>0</c>, <c>layers.0</c>, <c>layers.0.1_1</c>.</summary>
    private static int? Match(string scope, string path, char separator)
    {
        if (path.Length == 0)
        {
            return null;
        }

        var count = scope.Count(c => c == separator) + 1;
        var tail = Tail(path, count, separator);
        if (string.Equals(scope, tail, StringComparison.Ordinal))
        {
            return count;
        }

        // The exporter's mark of a further call.
        return scope.Length > tail.Length + 1 && scope.StartsWith(tail, StringComparison.Ordinal) && scope[tail.Length] == '_'
            && int.TryParse(scope.AsSpan(tail.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? count
            : null;
    }

    private static string Tail(string path, int parts, char separator)
    {
        var at = path.Length;
        for (; parts > 0 && at > 0; parts--)
        {
            at = path.LastIndexOf(separator, at - 1);
            if (at < 0)
            {
                return path;
            }
        }

        return path[(at + 1)..];
    }
}
