using System.IO.Enumeration;

namespace ModelGuidelines.Audit;

/// <summary>Names of modules as users give them to leave some out.</summary>
internal static class ModuleNames
{
    /// <summary>Whether a name, which may have * and ? in it, means a module or one of those that hold it.</summary>
    /// <param name="given">A qualified name or a pattern; "" is the root and so everything.</param>
    /// <param name="module">A qualified name.</param>
    public static bool Covers(string given, string module)
    {
        if (given.Length == 0)
        {
            return true;
        }

        var isPattern = given.AsSpan().IndexOfAny('*', '?') >= 0;
        for (var end = 0; end <= module.Length; end++)
        {
            if ((end == module.Length || module[end] is '.' or '/')
                && (isPattern ? FileSystemName.MatchesSimpleExpression(given, module.AsSpan(0, end), ignoreCase: false) : module.AsSpan(0, end).SequenceEqual(given)))
            {
                return true;
            }
        }

        return false;
    }
}
