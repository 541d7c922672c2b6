using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Assignments.</content>
internal sealed partial class Evaluator
{
    private void Annotated(AnnotatedAssignStatement s, Scope scope)
    {
        if (s.IsSimple && scope.Class is { } type && !type.Fields.Contains(((NameExpression)s.Target).Name))
        {
            type.Fields.Add(((NameExpression)s.Target).Name);
        }

        if (s.Value is not null)
        {
            var value = Evaluate(s.Value, scope);
            var traced = TracedParts(s.Value, scope);
            Assign(s.Target, value, scope);
            Trace(s.Target, traced, value, scope);
        }
    }

    private Value Augmented(AugmentedAssignStatement s, Scope scope)
    {
        var left = Evaluate(s.Target, scope);
        var right = Evaluate(s.Value, scope);
        if (s.Operator is PythonOperator.Add && left is SequenceValue { Kind: SequenceKind.List } list)
        {
            _journal.Change(list);
            Extend(list, right, scope.At(s.Start));
            return list;
        }

        if (s.Operator is PythonOperator.Add && left is ObjectValue { IsModule: true } container && container.IsA("ModuleList"))
        {
            Call(new MethodValue(container, "extend"), CallArguments.Of(right), scope.At(s.Start));
            return container;
        }

        return Binary(s.Operator, left, right, new(scope, s.Target));
    }

    private void Extend(SequenceValue list, Value with, Place place)
    {
        Spend(with); // not the list itself: a loop that adds one element to it each round costs what it adds
        if (Here(with) is SequenceValue { Rest: { } rest } open)
        {
            list.Made.AddRange(open.Items);
            list.Rest = list.MadeRest ?? rest;
        }
        else
        {
            list.Made.AddRange(Iterate(with, place, ""));
        }
    }

    private void SetName(string name, Value value, Scope scope)
    {
        if (value is ObjectValue { Kind: ClassKind.KerasLayer or ClassKind.KerasModel, LayerName: null } layer && scope.Class is null)
        {
            layer.LayerName = name;
        }

        var names = scope.Names;
        if (scope.Globals?.Contains(name) == true)
        {
            names = scope.Module.Scope.Names;
        }
        else if (scope.Nonlocals?.Contains(name) == true)
        {
            for (var outer = scope.Outer; outer is not null; outer = outer.Outer)
            {
                if (outer.Names.ContainsKey(name))
                {
                    names = outer.Names;
                    break;
                }
            }
        }

        if (scope.Function is null)
        {
            // A registry, or an object of the user's own class that keeps one.
            IEnumerable<Value> held = value is ObjectValue { Kind: ClassKind.Plain, Class: not null } o ? o.Attributes.All.Select(a => a.Value) : [value];
            foreach (var registry in held.OfType<DictValue>().Where(d => d.Home is null))
            {
                registry.Home = scope.Module;
            }
        }

        _journal.Save(names, name);
        names[name] = value;
        ForgetTraced(name, scope);
    }

    private void Assign(Expression target, Value value, Scope scope)
    {
        switch (target)
        {
            case NameExpression e:
                SetName(e.Name, value, scope);
                break;
            case AttributeExpression e:
                if (Here(Evaluate(e.Value, scope)) is var holder && holder is ChoiceValue choice)
                {
                    SetAttributeOfEach(choice, e.Name, value, scope.At(target.Start));
                }
                else
                {
                    SetAttributeOf(holder, e.Name, value, scope.At(target.Start));
                }

                break;
            case SubscriptExpression e:
                AssignItem(Here(Evaluate(e.Value, scope)), Evaluate(e.Index, scope), value, scope.At(target.Start));
                break;
            case StarredExpression e:
                Assign(e.Value, value, scope);
                break;
            case TupleExpression e:
                Unpack(e.Elements, value, scope);
                break;
            case ListExpression e:
                Unpack(e.Elements, value, scope);
                break;
        }
    }

    private void SetAttributeOfEach(ChoiceValue holders, string name, Value value, Place place) => ForEach(holders, holder =>
    {
        SetAttributeOf(holder, name, value, place);
        return holder;
    });

    private void SetAttributeOf(Value holder, string name, Value value, Place place)
    {
        switch (holder)
        {
            case TensorValue tensor when name is "data":
                tensor.Shape = null;
                break;
            case ObjectValue o:
                if (o.Kind is ClassKind.TorchModule && Observer is null && value is UnknownValue { Kind: UnknownKind.Any } made && made.Text.EndsWith("(...)", StringComparison.Ordinal))
                {
                    // What an unknown function makes for a module may be a module; a stack would run it, and is given its modules in other ways.
                    value = o.IsA("Sequential") ? value : AsModule(made, place);
                }

                if (value is ObjectValue or ChoiceValue)
                {
                    foreach (var module in value.Possible().OfType<ObjectValue>().Where(m => m.IsModule && m.Place.Module is null))
                    {
                        module.Place = place;
                    }
                }

                if (o.Class?.Find(name) is { Value: WrappedMethod { Kind: "property" } property })
                {
                    if (property.Setter is not null)
                    {
                        Call(new BoundValue(o, property.Setter), CallArguments.Of(value), place);
                    }

                    return;
                }

                if (o.Class?.Find("__setattr__") is { } special && o.Kind is ClassKind.Plain or ClassKind.TorchModule)
                {
                    Call(new BoundValue(o, special.Value), CallArguments.Of(ConstantValue.Of(name), value), place);
                    return;
                }

                SetOwn(o, name, value, place);
                break;
            case FunctionValue f:
                f.Attributes ??= new();
                _journal.Save(f.Attributes, name);
                f.Attributes.Set(name, value);
                break;
            case ClassValue type:
                _journal.Save(type.Members, name);
                type.Members[name] = value;
                break;
            case UnknownValue unknown:
                unknown.Attributes ??= new(StringComparer.Ordinal);
                _journal.Save(unknown.Attributes, name);
                unknown.Attributes[name] = value;
                break;
            case NamespaceValue file:
                _journal.Save(file.Module.Scope.Names, name);
                file.Module.Scope.Names[name] = value;
                break;
            case ExternalValue external when Observer is null:
                _patched[$"{external.Name}.{name}"] = value;
                break;
        }
    }

    /// <summary>As Python itself sets an attribute: a descriptor of the class that takes it gets it, but for modules, which PyTorch registers before.</summary>
    private void SetOwn(ObjectValue o, string name, Value value, Place place)
    {
        if (IsOwnName(o, value) && Descriptor(o, name, "__set__") is { } descriptor)
        {
            Call(Attribute(descriptor, "__set__", place), CallArguments.Of(o, value), place);
            return;
        }

        SetAttribute(o, name, value);
    }

    private readonly Dictionary<string, Value> _patched = new(StringComparer.Ordinal);

    private void AssignItem(Value target, Value index, Value value, Place place)
    {
        switch (target)
        {
            case ChoiceValue:
                ForEach(target, t =>
                {
                    AssignItem(t, index, value, place);
                    return t;
                });
                break;
            case DictValue { NamesOf: { } file } when index is ConstantValue { Peek: string global }:
                SetName(global, value, file.Scope);
                break;
            case DictValue { AttributesOf: { } owner } names when index is ConstantValue { Peek: string own } && (names.HoldsModules || IsOwnName(owner, value)):
                names.Set(index, value);
                SetAttribute(owner, own, value);
                break;
            case DictValue { AttributesOf: { } owner } names when index is ConstantValue { Peek: string own }:
                names.Set(index, value);
                SetUnregistered(owner, own, value);
                break;
            case DictValue dict when index is not (UnknownValue or ChoiceValue or TensorValue):
                _journal.Change(dict);
                dict.Set(index, value);
                break;
            case DictValue dict when index is ChoiceValue choice && choice.Options.All(o => o.Value is ConstantValue):
                _journal.Change(dict);
                foreach (var (when, key) in choice.Options)
                {
                    dict.Set(key, Choices.Join([(when, value), (when.Not(), dict.Find(key) ?? MissingValue.Instance)]));
                }

                break;
            case DictValue dict:
                _journal.Change(dict);
                dict.Set(index, value);
                dict.Rest = dict.Rest is null || Choices.Same(dict.Rest, value) ? value : Choices.Join([(Conditions.NewAtom("it is this entry"), value), (Conditions.NewAtom("it is another entry"), dict.Rest)]);
                break;
            case SequenceValue list when index is ConstantValue { Raw: long i }:
                i = i < 0 ? i + list.Items.Count : i;
                if (i >= 0 && i < list.Items.Count)
                {
                    _journal.Change(list);
                    list.Items[(int)i] = value;
                }

                break;
            case SequenceValue { Rest: null } list when index is UnknownValue at && list.Items.Count is > 0 and <= MaxTold:
                AssignSome(list, at, value, place);
                break;
            case SequenceValue when index is ChoiceValue:
                ForEach(index, i =>
                {
                    AssignItem(target, i, value, place);
                    return i;
                });
                break;
            case SequenceValue list when index is SliceValue { Lower: null, Upper: null, Step: null }:
                Spend(value);
                _journal.Change(list);
                list.Items = [.. Iterate(value, place, "")];
                break;
            case SequenceValue { Rest: null } list when index is SliceValue slice && Bounds(slice, list.Items.Count) is (var from, var to, 1):
                Spend(list);
                Spend(value);
                _journal.Change(list);
                list.Items = [.. list.Items.Take(from), .. Iterate(value, place, ""), .. list.Items.Skip(Math.Max(from, to))];
                UseUp(value);
                break;
            case SequenceValue list when index is SliceValue:
                _journal.Change(list);
                list.Order = Unknown("the order of the list", "where a part of it was set cannot be told", place);
                list.Rest = Unknown("an element of the list", "where a part of it was set cannot be told", place);
                break;
            case ObjectValue { IsModule: true } container when index is ConstantValue { Peek: string or long }:
                var name = index is ConstantValue { Raw: long n } ? (n < 0 ? n + Children(container).Count() : n).ToString(CultureInfo.InvariantCulture) : (string)((ConstantValue)index).Raw!;
                SetAttribute(container, name, AsElement(container, value, place));
                break;
            case ObjectValue { IsModule: true } when index is ChoiceValue:
                ForEach(index, i =>
                {
                    AssignItem(target, i, value, place);
                    return i;
                });
                break;
            case ObjectValue { IsModule: true } container when index is UnknownValue unknown && container.IsA("ModuleDict"):
                unknown.IsName = true;
                SetAttribute(container, UnknownName(unknown), AsElement(container, value, place));
                break;
            case ObjectValue o when o.Class?.Find("__setitem__") is { } method:
                Call(new BoundValue(o, method.Value), CallArguments.Of(index, value), place);
                break;
            case ObjectValue { Kind: ClassKind.Plain } o when o.Attributes.Find(Items) is DictValue own:
                AssignItem(own, index, value, place);
                break;
            case ExternalValue { Name: "os.environ" }:
                _told.Add(StandardLibrary.VariableOf(index));
                break;
            case TensorValue when Observer is not null:
                // x[mask] = y: moves data, changes no value range.
                break;
        }
    }

    /// <summary>Elements of a list of which each may be the one that code sets.</summary>
    private const int MaxTold = 64;

    /// <summary>Sets an element, which of them cannot be told: the one that the same index reads. Of numbers (sizes, counts) it is said of each that it may be another one.</summary>
    private void AssignSome(SequenceValue list, UnknownValue at, Value value, Place place)
    {
        _journal.Change(list);
        var items = list.Items;
        var isNumber = value.Possible().All(v => v is ConstantValue { Peek: long or double } or UnknownValue);
        list.Items = [.. items.Select((old, i) => items.Count == 1 ? value
            : value is TensorValue && old is TensorValue ? new TensorValue()
            : isNumber && old is not ObjectValue ? old is ConstantValue ? Unknown("an element of the list", "which of them was set cannot be told", place, value is UnknownValue { Kind: UnknownKind.Any } ? UnknownKind.Any : UnknownKind.Number) : old
            : _tests.Equals(at, ConstantValue.Of(i)) is var it && Choices.Same(old, value) ? old : Choices.Join([(it, value), (it.Not(), old)]))];
    }

    /// <summary>What is set in a container of modules is a module, whichever.</summary>
    private Value AsElement(ObjectValue container, Value value, Place place) => container.IsA("ModuleDict") || container.IsA("ModuleList") || container.IsA("Sequential") ? AsModule(value, place) : value;

    /// <summary>Sets an attribute; a module of a module is registered, as torch.nn and Keras do.</summary>
    private void SetAttribute(ObjectValue target, string name, Value value)
    {
        _journal.Save(target.Attributes, name);
        target.Attributes.Set(name, value);
        if (Observer is not null && target.Kind is ClassKind.TorchModule && value is ObjectValue or ChoiceValue)
        {
            foreach (var module in value.Possible().OfType<ObjectValue>().Where(m => m.IsModule))
            {
                Observer.Held(target, name, module, Now);
            }
        }
    }

    private void RemoveAttribute(ObjectValue target, string name)
    {
        if (target.Attributes.Find(name) is null)
        {
            return;
        }

        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
        {
            // Containers count on: each element moves to where the one before it stood, which keeps its place among the attributes.
            var numbered = target.Attributes.All.Where(a => int.TryParse(a.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > at).Select(a => a.Value).ToList();
            for (var i = 0; i < numbered.Count; i++)
            {
                _journal.Set(new(target.Attributes, (at + i).ToString(CultureInfo.InvariantCulture)), numbered[i]);
            }

            name = (at + numbered.Count).ToString(CultureInfo.InvariantCulture);
        }

        _journal.Set(new(target.Attributes, name), null);
    }
}
