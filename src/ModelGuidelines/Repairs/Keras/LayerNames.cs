using System.Globalization;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Finds names for new layers, as Keras numbers them: <c>relu</c>, then <c>relu_2</c>; after <c>dense_1</c> the next free of <c>dense_2</c>, <c>dense_3</c>.</summary>
/// <remarks>Free means in the whole file, inside of nested models too: of two layers of one name and config some files do not tell whether they are one.</remarks>
internal sealed class LayerNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    public string Next(string name)
    {
        var mark = name.LastIndexOf('_');
        var hasNumber = mark > 0 && name.Length - mark is > 1 and < 9 && name.AsSpan(mark + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        var stem = hasNumber ? name[..mark] : name;
        var number = hasNumber ? int.Parse(name.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture) + 1 : 2;
        number = Math.Max(number, _next.GetValueOrDefault(name));
        for (; ; number++)
        {
            var next = string.Create(CultureInfo.InvariantCulture, $"{stem}_{number}");
            if (_taken.Add(next))
            {
                _next[name] = number + 1;
                return next;
            }
        }
    }
}
