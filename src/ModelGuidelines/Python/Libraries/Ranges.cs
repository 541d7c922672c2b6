using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary><c>range</c>, also to a number that is not known.</summary>
internal static class Ranges
{
    /// <summary>Numbers of a range that are counted out; a longer one is open after the first.</summary>
    private const int MaxRange = 20_000;

    public static SequenceValue Of(ILibraryContext context, CallArguments arguments, Value stop) => Numbers(context, arguments, stop).As(SequenceForm.Range);

    private static SequenceValue Numbers(ILibraryContext context, CallArguments arguments, Value stop)
    {
        var start = arguments.Positional.Count > 1 ? arguments.Positional[0] : ConstantValue.Of(0);
        var step = arguments.Positional.Count > 2 ? arguments.Positional[2] : ConstantValue.Of(1);
        if (start is ConstantValue { Raw: long from, IsOpen: false } && stop is ConstantValue { Raw: long to, IsOpen: false } && step is ConstantValue { Raw: long by and not 0 })
        {
            var numbers = Math.Max(0, Math.Ceiling((to - (double)from) / by));
            return numbers <= MaxRange ? new SequenceValue(SequenceKind.List, [.. Enumerable.Range(0, (int)numbers).Select(i => ConstantValue.Of(from + i * by))]) : Open(context, from, by, context.Unknown($"range({to})", "it has more rounds than are counted out", UnknownKind.Number), null);
        }

        if (start is ConstantValue { Raw: long first, IsOpen: false } && step is ConstantValue { Raw: long each and not 0 })
        {
            // As many rounds as the number says: the same number is the same count.
            var length = stop is UnknownValue u ? first == 0 && each == 1 ? u : u.Derive($"range {first} {each}", $"the range to {u.Text}", UnknownKind.Number) : context.Unknown("the range", "where it ends is not known", UnknownKind.Number);
            return Open(context, first, each, length, context.IsForward && each > 0 && stop is UnknownValue given && (first > 0 || given.IsLess) ? context.IsMore(length, 0, $"{given.Text} > {first}") : null);
        }

        // Counting down from an unknown number, or by an unknown step.
        var number = start as UnknownValue ?? stop as UnknownValue ?? context.Unknown("the range", "where it begins is not known", UnknownKind.Number);
        var count = number.Derive("range", $"the range from {number.Text}", UnknownKind.Number);
        var isSome = !context.IsForward ? null : (start, stop, step) switch
        {
            (UnknownValue s, ConstantValue { Raw: long end, IsOpen: false }, ConstantValue { Raw: long and < 0 }) when end > 0 || (s.IsLess && end == 0) => context.IsMore(count, 0, $"{s.Text} > {end}"),
            (ConstantValue { IsOpen: true }, UnknownValue, ConstantValue) => context.IsMore(count, 0, $"{count.Text} holds one"),
            _ => null,
        };
        var counts = (stop, step) is (ConstantValue { Raw: long and >= -1, IsOpen: false }, ConstantValue { Raw: long and < 0 }) ? "+" : "";
        var begin = Of($"range[0]{counts}", $"the first of the range from {number.Text}");
        var later = Of($"range[i]{counts}", $"a number of the range from {number.Text}");
        begin.Same = ReferenceEquals(number, start) ? number : null;
        later.NotLater = begin.Same is null ? [begin] : [begin, number];
        return new SequenceValue(SequenceKind.List, [isSome is null ? begin : Elements.Sometimes(context, begin, isSome.Not())], later) { Length = count };

        UnknownValue Of(string key, string text)
        {
            var one = number.Derive(key, text, UnknownKind.Number);
            one.IsCount |= counts.Length > 0; // what counts down to nothing below -1 is never below 0
            return one;
        }
    }

    /// <summary>The first number, and the second as one that stands for all later ones. That there is a first one goes without saying, as it does of a list, unless the range is shorter than what is counted.</summary>
    private static SequenceValue Open(ILibraryContext context, long from, long by, UnknownValue length, Condition? isSome) => new(SequenceKind.List, [isSome is null ? ConstantValue.Of(from) : Elements.Sometimes(context, ConstantValue.Of(from), isSome.Not())], by > 0 ? new ConstantValue(from + by) { IsOpen = true, Stride = by, Count = [] } : length.Derive("range[i]", $"a number of {length.Text}", UnknownKind.Number)) { Length = length };
}
