using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Metaclasses: what their <c>__new__</c> and <c>__init__</c> do with the class that they make.</content>
internal sealed partial class Evaluator
{
    /// <summary>The class that a metaclass is about to make.</summary>
    private ClassValue? _making;

    private void Metaclass(ClassValue type, ClassDefinition definition, Scope scope)
    {
        type.Metaclass = definition.Arguments.FirstOrDefault(a => a.Name == "metaclass") is { } written ? Evaluate(written.Value, scope) as ClassValue
            : type.Bases.OfType<ClassValue>().Select(b => b.Metaclass).FirstOrDefault(m => m is not null);
        if (type.Metaclass is not { } meta)
        {
            return;
        }

        var place = scope.At(definition.Start);
        var members = new DictValue();
        foreach (var (name, value) in type.Members)
        {
            members.Set(name, value);
        }

        var given = CallArguments.Of(ConstantValue.Of(type.Name), SequenceValue.Tuple([.. type.Bases]), members);
        given.Named.AddRange(definition.Arguments.Where(a => a.Name is not null and not "metaclass").Select(a => (a.Name!, Evaluate(a.Value, scope))));
        if (meta.Find("__new__") is { Value: FunctionValue make })
        {
            (var outer, _making) = (_making, type);
            Call(make, given.Prepend(meta), place);
            _making = outer;
        }

        if (meta.Find("__init__") is { Value: FunctionValue initialize })
        {
            Call(initialize, given.Prepend(type), place);
        }
    }

    /// <summary>The class that <c>type.__new__</c> makes of what a metaclass gives it.</summary>
    private ClassValue? Making(CallArguments arguments)
    {
        if (_making is not { } type || arguments.Positional is not [ClassValue, _, _, DictValue members])
        {
            return null;
        }

        foreach (var (key, value) in members.Entries)
        {
            if (key is ConstantValue { Peek: string name } && !ReferenceEquals(type.Members.GetValueOrDefault(name), value))
            {
                _journal.Save(type.Members, name);
                type.Members[name] = value;
            }
        }

        return type;
    }
}
