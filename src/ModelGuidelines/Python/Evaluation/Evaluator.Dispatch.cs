using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions of which the class of an argument decides which one runs.</content>
internal sealed partial class Evaluator
{
    /// <summary><c>f.register(type)(function)</c>, <c>f.register(type, function)</c>, and <c>f.register(function)</c>, whose annotation says the type.</summary>
    private Value Register(FunctionValue f, CallArguments arguments)
    {
        switch (arguments.Positional)
        {
            case [FunctionValue own]:
                if (own.Parameters.ElementAtOrDefault(f.DispatchedAt ?? 0)?.Annotation is { } annotation)
                {
                    Add(Evaluate(annotation, own.Closure), own);
                }

                return own;
            case [var type, var function]:
                Add(type, function);
                return function;
            case [var type]:
                return new PartialValue(new MethodValue(f, "register"), CallArguments.Of(type));
            default:
                return Unknown("register(...)", "what is registered cannot be told", f.Place);
        }

        void Add(Value type, Value function)
        {
            _journal.Change(f.Dispatched);
            foreach (var one in type is SequenceValue several ? several.Items : [type])
            {
                f.Dispatched.Set(one, function);
            }
        }
    }

    private Value Dispatch(FunctionValue f, int at, CallArguments arguments, Place place)
    {
        if (arguments.Positional.ElementAtOrDefault(at) is not { } subject)
        {
            return Call(f.Undispatched, arguments, place);
        }

        return ForEach(subject, one =>
        {
            // Of several that it is, the one that derives from the others.
            var found = new List<(Value Type, Value Function)>();
            foreach (var (type, function) in f.Dispatched.Entries)
            {
                var before = found.FindIndex(o => Decide(IsSubclass(type, o.Type, "")) is true);
                found.Insert(before < 0 ? found.Count : before, (type, function));
            }

            var given = new CallArguments(arguments.Positional.Count) { Rest = arguments.Rest, NamedRest = arguments.NamedRest, Traced = arguments.Traced };
            given.Positional.AddRange(arguments.Positional.Select((a, i) => i == at ? one : a));
            given.Named.AddRange(arguments.Named);
            return First(0);

            Value First(int i) => i == found.Count ? Call(f.Undispatched, given, place)
                : Either(IsInstance(one, found[i].Type, null, f.Closure), () => Call(found[i].Function, given, place), () => First(i + 1));
        });
    }
}
