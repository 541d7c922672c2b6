using System.Globalization;
using System.Text;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What decides which code a model runs: its classes, and of each object what it was built with. Two models of equal settings run the same code.</summary>
internal static class ModelSettings
{
    private const int MaxModules = 2_000;

    /// <summary>The settings of each module of a model whose class is among these; equal ones once. Where <paramref name="changed"/> says which objects' attributes were written, only of those.</summary>
    public static HashSet<string> Of(Evaluator evaluator, ObjectValue model, IReadOnlyCollection<ClassValue> classes, IReadOnlySet<object>? changed = null)
    {
        var result = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, module) in evaluator.Modules(model).Take(MaxModules))
        {
            if (module.Class is { } type && classes.Contains(type) && (changed is null || changed.Contains(module.Attributes)))
            {
                var text = new StringBuilder(type.Name);
                var held = new Dictionary<ObjectValue, string>(ReferenceEqualityComparer.Instance);
                foreach (var (name, value) in module.Attributes.All)
                {
                    text.Append(';').Append(name).Append('=').Append(Kind(value));
                    if (value is ObjectValue { IsModule: true } child && !held.TryAdd(child, name))
                    {
                        text.Append('^').Append(held[child]); // the same module under two names
                    }
                }

                result.Add(text.ToString());
            }
        }

        return result;
    }

    /// <summary>Numbers differ between sizes of one model and decide little; their sign and zero are kept.</summary>
    private static string Kind(Value value) => value switch
    {
        ConstantValue { Raw: null } => "None",
        ConstantValue { Raw: bool b } => b ? "True" : "False",
        ConstantValue { Raw: string s } => '"' + s,
        ConstantValue { Raw: long or double } c => Math.Sign(Convert.ToDouble(c.Raw, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture),
        ObjectValue o => o.TypeName,
        FunctionValue f => f.Name,
        ExternalValue e => e.Name,
        SequenceValue s => s.Items.Count == 0 && s.Rest is null ? "[]" : "[.]",
        DictValue d => d.Entries.Count == 0 && d.Rest is null ? "{}" : "{.}",
        ChoiceValue c => string.Join('|', c.Options.Select(o => Kind(o.Value))),
        _ => value.GetType().Name,
    };
}
