using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Names of libraries, and how attributes are written.</content>
internal sealed partial class Evaluator
{
    /// <summary>How an attribute is written, for the texts of symbols: made where one is needed.</summary>
    private readonly record struct AttributeText(string Name, Expression? Written, Scope? Scope)
    {
        public override string ToString() => Written is null || Scope is null ? Name : $"{TextOf(Written, Scope)}.{Name}";
    }

    private const int MaxExternalName = 400;

    private static string TextOfName(string name) => name.Length > 60 ? name[..60] + "..." : name;

    /// <summary>Names of libraries that nothing but the library says what they are, as they were put together once.</summary>
    private readonly Dictionary<(string Of, string Name), string> _libraryNames = [];

    private Value ExternalAttribute(ExternalValue external, string name, Place place)
    {
        if (external.Name.Length > MaxExternalName)
        {
            return Unknown(TextOfName(external.Name), "it is a longer chain of names than any library has", place);
        }

        if (_patched.Count == 0 && _libraryNames.TryGetValue((external.Name, name), out var known))
        {
            return new ExternalValue(known);
        }

        var full = $"{external.Name}.{name}";
        if (_patched.TryGetValue(full, out var patched))
        {
            return patched;
        }

        if (name is "__name__" or "__qualname__")
        {
            return ConstantValue.Of(external.LastPart);
        }

        if (full == "os.environ" && Environment is { } environment)
        {
            return environment;
        }

        if (Libraries.Constant(full) is { } constant)
        {
            return constant;
        }

        if (Libraries.Knows(external.FirstPart))
        {
            _libraryNames[(external.Name, name)] = full;
            return new ExternalValue(full);
        }

        return place.Module is { } from && _project.Has(full, from) && _project.Find(full, from) is { } file ? new NamespaceValue(file) : new ExternalValue(full);
    }
}
