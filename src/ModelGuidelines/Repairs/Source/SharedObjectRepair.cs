using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Makes an object that is held under several names several objects: each name after the first gets a construction of its own.</summary>
/// <remarks>Three ways of writing it are understood: <c>self.a = self.b = nn.ReLU()</c>, <c>self.b = self.a</c>, and a local variable that is handed on
/// several times. Objects from outside stay: their other holders are not known.</remarks>
internal sealed class SharedObjectRepair(SourceIndex index)
{
    /// <summary>The change, or why there is none.</summary>
    public (SourceChange? Change, string? Reason) Plan(Finding finding)
    {
        var names = finding.Aliases.Insert(0, finding.Module ?? "");
        var attributes = names.Select(LastPart).ToList();
        var edits = OfAttributes(attributes) ?? OfVariable(finding, names.Length);
        if (edits is null || finding.Location is not { } location)
        {
            return (null, $"the same object is held under several names ({string.Join(", ", finding.Aliases)}), and it comes from outside, is made in a loop, or in a way that is not understood");
        }

        return (new()
        {
            Kind = RepairKind.ModuleCopy,
            Finding = finding,
            Attribute = attributes[1],
            NewModule = names[1],
            Location = location,
            Edits = edits,
        }, null);
    }

    /// <summary><c>self.a = self.b = nn.ReLU()</c> or <c>self.b = self.a</c>, in one <c>__init__</c>.</summary>
    private List<SourceEdit>? OfAttributes(List<string> attributes)
    {
        var definitions = index.Attributes.Where(d => attributes.Contains(d.Attribute)).ToList();
        if (definitions.Count != attributes.Count || attributes.Distinct().Count() != attributes.Count || definitions.Exists(d => !d.IsInInit || d.Class != definitions[0].Class || d.Statement is not AssignStatement))
        {
            return null;
        }

        var edits = new List<SourceEdit>();
        var first = definitions.Find(d => IsFixedConstruction(d.Value));
        var statement = (AssignStatement?)first?.Statement;
        if (statement is null)
        {
            return null;
        }

        var construction = index.File.TextOf(statement.Value).ToString();
        foreach (var definition in definitions.Where(d => d.Statement != statement))
        {
            if (!definition.IsPlain || definition.Value is not AttributeExpression { Value: NameExpression, Name: var held } || !attributes.Contains(held))
            {
                return null;
            }

            edits.Add(new(new(definition.Value.Start, definition.Value.End), construction));
        }

        if (statement.Targets.Length > 1)
        {
            if (statement.Targets.Any(t => t is not AttributeExpression a || !attributes.Contains(a.Name)) || index.EndOfLine(statement) is not { } end)
            {
                return null;
            }

            edits.Add(new(new(statement.Targets[0].End, statement.Value.Start), " = "));
            edits.AddRange(statement.Targets.Skip(1).Select(t => end.Insert($"{index.File.TextOf(t)} = {construction}")));
        }

        return edits.Count == 0 ? null : edits;
    }

    /// <summary>A local variable that is assigned once and handed on as often as the object has names.</summary>
    private List<SourceEdit>? OfVariable(Finding finding, int uses)
    {
        var type = LastPart(finding.ModuleType ?? "");
        var found = new List<List<SourceEdit>>();
        foreach (var function in index.Functions)
        {
            var nodes = Nodes(function).ToList();
            foreach (var (statement, name) in nodes.Select(n => n.Node).OfType<AssignStatement>().Where(s => s.Targets.Length == 1 && IsFixedConstruction(s.Value) && ClassNameOf(s.Value) == type)
                .Select(s => (s, s.Targets[0] as NameExpression)))
            {
                var mentions = name is null ? [] : nodes.Where(n => n.Node is NameExpression m && m.Name == name.Name && m != name).OrderBy(n => n.Node.Start).ToList();
                if (mentions.Count == uses && !mentions.Exists(m => m.Repeats || m.Node.Start < statement.End || !m.IsHandedOn) && !nodes.Exists(n => n.Node is Parameter p && p.Name == name!.Name))
                {
                    var construction = index.File.TextOf(statement.Value).ToString();
                    found.Add([.. mentions.Skip(1).Select(m => new SourceEdit(new(m.Node.Start, m.Node.End), construction))]);
                }
            }
        }

        return found is [var only] ? only : null;
    }

    /// <summary>All nodes of a function: whether they stand in a loop or a function inside, and whether they are a value that is handed on as it is.</summary>
    private static IEnumerable<(PythonNode Node, bool Repeats, bool IsHandedOn)> Nodes(FunctionDefinition function)
    {
        var pending = new Stack<(PythonNode Node, bool Repeats, bool IsHandedOn)>(PythonTree.Children(function).Select(c => (c, false, false)));
        while (pending.TryPop(out var item))
        {
            yield return item;
            var repeats = item.Repeats || item.Node is LambdaExpression or WhileStatement or ForStatement or ComprehensionExpression or FunctionDefinition or ClassDefinition;
            foreach (var child in PythonTree.Children(item.Node))
            {
                pending.Push((child, repeats, item.Node is Argument or ListExpression or TupleExpression or DictExpression || (item.Node is AssignStatement s && s.Value == child)));
            }
        }
    }

    /// <summary>A call whose arguments are the same whenever it is made.</summary>
    private static bool IsFixedConstruction(Expression? value) =>
        value is CallExpression { Function: NameExpression or AttributeExpression { Value: NameExpression or AttributeExpression { Value: NameExpression } } } call
        && call.Arguments.All(a => a.Stars == 0 && a.Value is NumberExpression or StringExpression or ConstantExpression or UnaryExpression { Operand: NumberExpression });

    private static string? ClassNameOf(Expression value) => ((CallExpression)value).Function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => null,
    };

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
