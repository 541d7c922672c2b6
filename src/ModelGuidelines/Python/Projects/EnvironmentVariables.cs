using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Projects;

/// <summary>Environment variables that a file's code sets, whether it runs or not; what a comment or documentation shows sets none.</summary>
internal sealed class EnvironmentVariables
{
    private const int MaxDepth = 200;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private bool _isAny;

    public EnvironmentVariables(PythonFile file)
    {
        if (file.Text.Contains("environ", StringComparison.Ordinal) || file.Text.Contains("putenv", StringComparison.Ordinal))
        {
            foreach (var statement in file.Statements)
            {
                Look(statement, 0);
            }
        }
    }

    /// <summary>Whether it may set the variable of that name; null: one whose name cannot be told.</summary>
    public bool Sets(string? name) => _isAny || (name is null ? _names.Count > 0 : _names.Contains(name));

    private void Look(PythonNode node, int depth)
    {
        if (depth > MaxDepth)
        {
            _isAny = true;
            return;
        }

        switch (node)
        {
            case AssignStatement s:
                s.Targets.ToList().ForEach(Set);
                break;
            case AugmentedAssignStatement s:
                Set(s.Target);
                break;
            case DeleteStatement s:
                s.Targets.ToList().ForEach(Set);
                break;
            case CallExpression { Function: AttributeExpression { Name: "setdefault" or "pop" or "update" or "clear" or "popitem", Value: var holder } method } call when IsEnvironment(holder):
                Name(method.Name is "setdefault" or "pop" ? call.Arguments.FirstOrDefault()?.Value : null);
                break;
            case CallExpression { Function: AttributeExpression { Name: "putenv" or "unsetenv" } or NameExpression { Name: "putenv" or "unsetenv" } } call:
                Name(call.Arguments.FirstOrDefault()?.Value);
                break;
        }

        foreach (var child in PythonTree.Children(node))
        {
            Look(child, depth + 1);
        }
    }

    private void Set(Expression target)
    {
        if (target is SubscriptExpression { Value: var holder, Index: var key } && IsEnvironment(holder))
        {
            Name(key);
        }
    }

    private void Name(Expression? key)
    {
        if (key is StringExpression { Value: { } name })
        {
            _names.Add(name);
        }
        else
        {
            _isAny = true;
        }
    }

    private static bool IsEnvironment(Expression e) => e is AttributeExpression { Name: "environ" or "environb" } or NameExpression { Name: "environ" };
}
