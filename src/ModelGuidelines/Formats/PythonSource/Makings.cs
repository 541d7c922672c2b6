using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What a module is made with, as one number: a repair's proof compares modules of two texts by it.</summary>
internal static class Makings
{
    private const ulong Begin = 14695981039346656037UL;
    private const ulong Step = 1099511628211UL;
    private const int MaxDepth = 4;
    private const int MaxItems = 32;

    /// <summary>The same for modules whose constructors got the same, and whose attributes hold the same numbers and texts.</summary>
    public static ulong Print(ObjectValue module)
    {
        var hash = Begin;
        if (module.ConstructedWith is { } arguments)
        {
            foreach (var value in arguments.Positional)
            {
                Add(ref hash, value, 0);
            }

            foreach (var (name, value) in arguments.Named)
            {
                Add(ref hash, name);
                Add(ref hash, value, 0);
            }
        }

        // Modules among the attributes are compared by themselves; functions may become modules.
        foreach (var (name, value) in module.Attributes.All)
        {
            if (IsPlain(value, 0))
            {
                Add(ref hash, name);
                Add(ref hash, value, 0);
            }
        }

        return hash;
    }

    private static bool IsPlain(Value value, int depth) => value switch
    {
        ConstantValue => true,
        ChoiceValue c => depth < MaxDepth && AreOptionsPlain(c, depth + 1),
        SequenceValue s => depth < MaxDepth && s.Items.Count <= MaxItems && AreItemsPlain(s, depth + 1),
        _ => false,
    };

    private static bool AreOptionsPlain(ChoiceValue choice, int depth) => choice.Options.All(o => o.Value is MissingValue || IsPlain(o.Value, depth));

    private static bool AreItemsPlain(SequenceValue sequence, int depth) => sequence.Items.TrueForAll(i => IsPlain(i, depth));

    private static void Add(ref ulong hash, Value value, int depth)
    {
        switch (value)
        {
            case ConstantValue when depth == 0:
                var single = Begin;
                Add(ref single, value, 1);
                hash = (hash ^ single) * Step;
                break;

            // Nobody decides by it: the number is only written down.
            case ConstantValue { Peek: long number }:
                Add(ref hash, "i", number);
                break;
            case ConstantValue { Peek: double number }:
                Add(ref hash, "d", BitConverter.DoubleToInt64Bits(number));
                break;
            case ConstantValue c:
                Add(ref hash, c.Peek?.GetType().Name ?? "None");
                Add(ref hash, Convert.ToString(c.Peek, CultureInfo.InvariantCulture) ?? "");
                break;
            case UnknownValue u:
                Add(ref hash, u.Text);
                break;
            case SequenceValue s when depth < MaxDepth:
                Add(ref hash, "[");
                foreach (var item in s.Items.Take(MaxItems))
                {
                    Add(ref hash, item, depth + 1);
                }

                Add(ref hash, "]");
                break;
            // What is there at times is made like what is always there.
            case ChoiceValue choice when depth < MaxDepth:
                var options = new HashSet<ulong>();
                foreach (var (_, option) in choice.Options.Where(o => o.Value is not MissingValue))
                {
                    var one = Begin;
                    Add(ref one, option, depth + 1);
                    options.Add(one);
                }

                hash = (hash ^ options.Aggregate(0UL, (all, o) => all ^ o)) * Step;
                break;
            case ObjectValue o:
                Add(ref hash, o.TypeName);
                break;
            case ExternalValue e:
                Add(ref hash, e.Name);
                break;
            case FunctionValue f:
                Add(ref hash, f.Name);
                break;
            default:
                Add(ref hash, value.GetType().Name);
                break;
        }
    }

    private static void Add(ref ulong hash, string kind, long number)
    {
        Add(ref hash, kind);
        for (var i = 0; i < 64; i += 16)
        {
            hash = (hash ^ (ushort)(number >> i)) * Step;
        }
    }

    private static void Add(ref ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Step;
        }

        hash = (hash ^ 0xFFFF) * Step; // where it ends
    }
}
