using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One file's tree, with ways up and with names by their scopes.</summary>
internal sealed class SourceTree
{
    private readonly Dictionary<PythonNode, PythonNode> _parents = [];
    private readonly Dictionary<PythonNode, NameScope> _scopes = [];
    private readonly Dictionary<(int Line, int Column), List<CallExpression>> _calls = [];

    public SourceTree(PythonFile file, string path)
    {
        File = file;
        Path = path;
        Module = new(null);
        var pending = new Stack<PythonNode>(file.Statements.Reverse());
        while (pending.TryPop(out var node))
        {
            Nodes.Add(node);
            if (node is CallExpression call)
            {
                Add(call);
            }

            foreach (var child in PythonTree.Children(node).Reverse())
            {
                _parents.TryAdd(child, node);
                pending.Push(child);
            }
        }

        foreach (var node in Nodes)
        {
            Bind(node);
        }
    }

    /// <summary>Several files as one, to compare what is changed in all of them: nodes, with ways up and names, each by those of its own file.</summary>
    private SourceTree(IReadOnlyList<SourceTree> trees)
    {
        (File, Path, Module) = (trees[0].File, trees[0].Path, trees[0].Module);
        _owners = new(ReferenceEqualityComparer.Instance);
        foreach (var tree in trees)
        {
            Nodes.AddRange(tree.Nodes);
            tree._parents.ToList().ForEach(p => _parents[p.Key] = p.Value);
            tree._scopes.ToList().ForEach(p => _scopes[p.Key] = p.Value);
            tree.File.Statements.ToList().ForEach(s => _owners[s] = tree);
        }
    }

    /// <summary>Of several files, whose each statement at the outermost level is.</summary>
    private readonly Dictionary<PythonNode, SourceTree>? _owners;

    /// <summary>Several files as one; a single one as it is.</summary>
    public static SourceTree Join(IReadOnlyList<SourceTree> trees) => trees is [var only] ? only : new(trees);

    /// <summary>The file that a node stands in.</summary>
    public SourceTree Of(PythonNode node)
    {
        if (_owners is null)
        {
            return this;
        }

        while (_parents.TryGetValue(node, out var up))
        {
            node = up;
        }

        return _owners[node];
    }

    public PythonFile File { get; }

    public string Path { get; }

    /// <summary>All nodes, outer before inner.</summary>
    public List<PythonNode> Nodes { get; } = [];

    /// <summary>The file's own names.</summary>
    public NameScope Module { get; }

    public PythonNode? Parent(PythonNode node) => _parents.GetValueOrDefault(node);

    public IEnumerable<PythonNode> Ancestors(PythonNode node)
    {
        for (var up = Parent(node); up is not null; up = Parent(up))
        {
            yield return up;
        }
    }

    /// <summary>Everything below a node, itself included.</summary>
    public static IEnumerable<PythonNode> Below(PythonNode node)
    {
        var pending = new Stack<PythonNode>([node]);
        while (pending.TryPop(out var next))
        {
            yield return next;
            foreach (var child in PythonTree.Children(next).Reverse())
            {
                pending.Push(child);
            }
        }
    }

    /// <summary>The class and its method around a node; the method is the outermost function of the class.</summary>
    public (ClassDefinition? Class, FunctionDefinition? Method) Method(PythonNode node)
    {
        FunctionDefinition? function = null;
        foreach (var up in Ancestors(node).Prepend(node))
        {
            switch (up)
            {
                case FunctionDefinition f:
                    function = f;
                    break;
                case ClassDefinition c:
                    return (c, function);
            }
        }

        return (null, function);
    }

    /// <summary>Calls that begin at a place: that of the call, or of the attribute's name where the function stands on several lines.</summary>
    public IReadOnlyList<CallExpression> CallsAt(int line, int? column) => _calls.GetValueOrDefault((line, column ?? 0)) ?? [];

    public string Text(PythonNode node) => TextOf(node).ToString();

    public ReadOnlySpan<char> TextOf(PythonNode node) => Of(node).File.TextOf(node);

    public int LineOf(PythonNode node) => Of(node).File.PositionOf(node.Start).Line;

    public bool HasComment(int start, int end) => File.Comments.Any(c => c.Start < end && c.End > start);

    /// <summary>What a dotted expression stands for, when it begins with an imported name that means nothing else here: <c>F.relu</c> is <c>torch.nn.functional.relu</c>.</summary>
    public string? Resolve(Expression expression) => expression switch
    {
        NameExpression name => Find(name.Name, name)?.Import,
        AttributeExpression a when Resolve(a.Value) is { } value => $"{value}.{a.Name}",
        _ => null,
    };

    /// <summary>What a name means at a node; null for names that the file does not bind.</summary>
    public NameBinding? Find(string name, PythonNode at)
    {
        var isInside = false;
        foreach (var up in Ancestors(at).Prepend(at))
        {
            // A class' names are seen by its own statements, not by its methods.
            if (_scopes.TryGetValue(up, out var scope) && !(up is ClassDefinition && isInside) && scope.Find(name) is { } binding)
            {
                return binding;
            }

            isInside |= up is FunctionDefinition or LambdaExpression;
        }

        return Of(at).Module.Find(name);
    }

    /// <summary>Names bound in a function, class, lambda or comprehension.</summary>
    public NameScope ScopeOf(PythonNode node) => _scopes.TryGetValue(node, out var scope) ? scope : _scopes[node] = new(node);

    /// <summary>The place of the next token, when it is that character; -1 when it is another.</summary>
    public int NextToken(int from, char token, int limit)
    {
        var text = File.Text;
        for (var i = from; i < limit; i++)
        {
            if (text[i] == '#')
            {
                while (i < limit && text[i] is not ('\r' or '\n'))
                {
                    i++;
                }
            }
            else if (!char.IsWhiteSpace(text[i]) && text[i] != '\\')
            {
                return text[i] == token ? i : -1;
            }
        }

        return -1;
    }

    /// <summary>Where a line of its own can be put behind a statement; null when the statement does not begin its line, or another follows on it.</summary>
    public InsertionPlace? Behind(Statement statement)
    {
        if (IndentOf(statement) is not { } indent)
        {
            return null;
        }

        var end = File.Text.AsSpan(statement.End).IndexOfAny('\r', '\n');
        end = end < 0 ? File.Text.Length : statement.End + end;
        var rest = File.Text.AsSpan(statement.End, end - statement.End).TrimStart();
        return rest.Length == 0 || rest[0] == '#' ? new(end, LineEnd(end) + indent) : null;
    }

    /// <summary>The blanks before a statement that begins its line; null for one that does not.</summary>
    public string? IndentOf(Statement statement)
    {
        var line = File.LineStart(File.PositionOf(statement.Start).Line);
        var before = File.Text[line..statement.Start];
        return string.IsNullOrWhiteSpace(before) ? before : null;
    }

    /// <summary>The lines of a statement with their end, to take them away; null where another statement shares them, or a comment that it may not take along.</summary>
    public TextSpan? LinesOf(Statement statement, bool takesComment = false)
    {
        if (IndentOf(statement) is not { } indent || Behind(statement) is not { Offset: var end } || end == File.Text.Length)
        {
            return null;
        }

        return takesComment || string.IsNullOrWhiteSpace(File.Text[statement.End..end]) ? new(statement.Start - indent.Length, end + LineEnd(end).Length) : null;
    }

    /// <summary>The file's own line end: that of this line, or of the first.</summary>
    public string LineEnd(int end)
    {
        var at = end < File.Text.Length ? end : Math.Max(0, File.Text.AsSpan().IndexOfAny('\r', '\n'));
        return File.Text.AsSpan(at).StartsWith("\r\n") ? "\r\n" : at < File.Text.Length && File.Text[at] == '\r' ? "\r" : "\n";
    }

    private void Add(CallExpression call)
    {
        var start = call.Function is AttributeExpression a && File.Text.AsSpan(a.Start, a.End - a.Start).ContainsAny('\r', '\n') ? a.End - a.Name.Length : call.Start;
        foreach (var key in new[] { File.PositionOf(start), File.PositionOf(call.Start) }.Distinct())
        {
            (_calls.TryGetValue(key, out var calls) ? calls : _calls[key] = []).Add(call);
        }
    }

    private void Bind(PythonNode node)
    {
        switch (node)
        {
            case FunctionDefinition f:
                Here(f).Add(f.Name, f, null);
                foreach (var parameter in f.Parameters)
                {
                    ScopeOf(f).Add(parameter.Name, parameter, null);
                }

                break;
            case ClassDefinition c:
                Here(c).Add(c.Name, c, null);
                ScopeOf(c);
                break;
            case LambdaExpression l:
                foreach (var parameter in l.Parameters)
                {
                    ScopeOf(l).Add(parameter.Name, parameter, null);
                }

                break;
            case ComprehensionExpression c:
                c.Clauses.ToList().ForEach(clause => BindTarget(clause.Target, ScopeOf(c), c));
                break;
            case AssignStatement s:
                s.Targets.ToList().ForEach(t => BindTarget(t, Here(s), s));
                break;
            case AugmentedAssignStatement s:
                BindTarget(s.Target, Here(s), s);
                break;
            case AnnotatedAssignStatement s:
                BindTarget(s.Target, Here(s), s);
                break;
            case ForStatement s:
                BindTarget(s.Target, Here(s), s);
                break;
            case WithItem { Target: { } target } item:
                BindTarget(target, Here(item), item);
                break;
            case ExceptHandler { Name: { } name } h:
                Here(h).Add(name, h, null);
                break;
            case NamedExpression e:
                BindTarget(e.Target, Here(e, skipComprehensions: true), e);
                break;
            case DeleteStatement s:
                s.Targets.ToList().ForEach(t => BindTarget(t, Here(s), s));
                break;
            case ScopeStatement s:
                // Whatever this function does to the name, it does to the outer one.
                s.Names.ToList().ForEach(n => Module.Add(n, s, null));
                break;
            case ImportStatement s:
                s.Names.ToList().ForEach(a => Here(s).Add(a.Alias ?? a.Name.Split('.')[0], s, a.Alias is null ? a.Name.Split('.')[0] : a.Name));
                break;
            case ImportFromStatement s:
                s.Names.ToList().ForEach(a => Here(s).Add(a.Alias ?? a.Name, s, s.Level == 0 ? $"{s.Module}.{a.Name}" : $"{new string('.', s.Level)}{s.Module}.{a.Name}"));
                break;
        }
    }

    private static void BindTarget(Expression target, NameScope scope, PythonNode by)
    {
        switch (target)
        {
            case NameExpression name:
                scope.Add(name.Name, by, null);
                break;
            case TupleExpression t:
                t.Elements.ToList().ForEach(e => BindTarget(e, scope, by));
                break;
            case ListExpression l:
                l.Elements.ToList().ForEach(e => BindTarget(e, scope, by));
                break;
            case StarredExpression s:
                BindTarget(s.Value, scope, by);
                break;
        }
    }

    private NameScope Here(PythonNode node, bool skipComprehensions = false)
    {
        foreach (var up in Ancestors(node))
        {
            if (up is FunctionDefinition or ClassDefinition or LambdaExpression || (up is ComprehensionExpression && !skipComprehensions))
            {
                return ScopeOf(up);
            }
        }

        return Module;
    }
}

/// <summary>Where a new line can be put, and what comes before its text.</summary>
internal readonly record struct InsertionPlace(int Offset, string Prefix)
{
    public SourceEdit Insert(string statement) => new(new(Offset, Offset), Prefix + statement);
}

/// <summary>What binds a name in one scope.</summary>
internal sealed class NameBinding
{
    public List<(PythonNode By, string? Import)> All { get; } = [];

    /// <summary>What the name was imported as, when nothing else binds it; else null.</summary>
    public string? Import => All.Select(b => b.Import).Distinct().ToList() is [{ } only] ? only : null;
}

/// <summary>The names that a file, class, function, lambda or comprehension binds.</summary>
internal sealed class NameScope(PythonNode? node)
{
    private readonly Dictionary<string, NameBinding> _names = new(StringComparer.Ordinal);

    public PythonNode? Node => node;

    public IReadOnlyDictionary<string, NameBinding> Names => _names;

    public NameBinding? Find(string name) => _names.GetValueOrDefault(name);

    public void Add(string name, PythonNode by, string? import) => (_names.TryGetValue(name, out var binding) ? binding : _names[name] = new()).All.Add((by, import));
}
