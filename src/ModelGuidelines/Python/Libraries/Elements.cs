using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Elements that are there at times.</summary>
internal static class Elements
{
    /// <summary>An element that is there only under a condition.</summary>
    public static Value Sometimes(ILibraryContext context, Value value, Condition missing) => missing.IsNever ? value : context.Choose([(missing.Not(), value), (missing, MissingValue.Instance)]);

    /// <summary>Calls a module that may be there only at times: where it is not, the value goes on as it is.</summary>
    public static Value Call(ILibraryContext context, Value module, Value? input)
    {
        var arguments = input is null ? new CallArguments() : CallArguments.Of(input);
        var (there, missing) = module.WhereThere();
        return there is null ? input ?? ConstantValue.None
            : missing is null ? context.Call(there, arguments)
            : context.ForEach(context.Choose([(missing.Not(), ConstantValue.True), (missing, ConstantValue.False)]), isThere => isThere == ConstantValue.True ? context.Call(there, arguments) : input ?? ConstantValue.None);
    }

    /// <summary>A value where it is there at all, and the condition under which it is missing.</summary>
    public static (Value? Value, Condition? Missing) WhereThere(this Value value)
    {
        if (value is not ChoiceValue choice || choice.Options.FirstOrDefault(o => o.Value is MissingValue) is not { When: { } missing })
        {
            return (value is MissingValue ? null : value, null);
        }

        var there = choice.Options.Where(o => o.Value is not MissingValue).ToList();
        return (there.Count switch { 0 => null, 1 => there[0].Value, _ => new ChoiceValue(there) }, missing);
    }
}
