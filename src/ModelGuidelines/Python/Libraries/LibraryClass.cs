using System.Globalization;
using System.Runtime.CompilerServices;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>One class of a library: what its instances are.</summary>
/// <param name="Name">Behind the library's prefix: <c>Conv2d</c>.</param>
/// <param name="Kind">What it makes of its instances and of those of classes that derive from it.</param>
internal sealed record LibraryClass(string Name, ClassKind Kind)
{
    /// <summary>What a call of an instance gives back (forward).</summary>
    public Returns Output { get; init; } = Returns.Tensor;

    /// <summary>The constructor's parameters in order, separated by spaces, which its instances keep as attributes of the same name: <c>in_channels kernel_size:2 stride:2=1 -bias=True</c>:
    /// a default behind <c>=</c>, the length of the tuple that one number becomes behind <c>:</c>, and a <c>-</c> before those that are not kept.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Attributes that every instance has, by name, with what they are: <c>("weight", Returns.Tensor)</c>.</summary>
    public IReadOnlyList<(string Name, Returns Is)> Attributes { get; init; } = [];

    /// <summary>What the constructor does beyond keeping its arguments: containers take over their modules.</summary>
    public LibraryMethod<ObjectValue>? Construct { get; init; }

    /// <summary>What a call of an instance does, where <see cref="Output"/> does not say it: containers call their modules.</summary>
    public LibraryMethod<ObjectValue>? Forward { get; init; }

    /// <summary>Methods that a row describes.</summary>
    public IReadOnlyList<LibraryRow> Methods { get; init; } = [];

    /// <summary>Methods that no row can describe, by name.</summary>
    public IReadOnlyDictionary<string, LibraryMethod<ObjectValue>> Functions { get; init; } = System.Collections.Frozen.FrozenDictionary<string, LibraryMethod<ObjectValue>>.Empty;

    /// <summary>The full name of the class whose methods and attributes it has too: <c>torch.nn.Module</c>; null for none.</summary>
    public string? Base { get; init; }

    /// <summary>What a call of an instance keeps from view, where its files are not read: a whole network is no layer whose inside is known to be its library's.</summary>
    public Hides Hides { get; init; }

    /// <summary>What its forward does is told, as if its file were read: what it calls counts.</summary>
    public bool IsOutlined { get; init; }

    /// <summary>Whether its constructor makes modules that are not followed; null: as with torch.nn's own classes it does not, with other libraries' that is not known.</summary>
    public bool? HoldsModules { get; init; }

    /// <summary>How a running model calls it, where that is not how it is imported: <c>timm.layers.drop.DropPath</c>.</summary>
    public string? ExactName { get; init; }

    /// <summary>It is made to be derived from and no module of the framework by itself: <c>torch.nn.Module</c>, <c>PreTrainedModel</c>.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>What an instance keeps of the constructor's arguments, defaults included: attributes with their values. What cannot be told is left out.</summary>
    public IEnumerable<(string Name, Value Value)> Keeps(CallArguments arguments)
    {
        var position = 0;
        foreach (var parameter in Written.GetValue(Parameters, static text => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parameter.Of)]))
        {
            var given = arguments.Find(position++, parameter.Name);
            if (parameter.IsKept && (given ?? (parameter.HasDefault && arguments.HasUnknown ? null : parameter.Default())) is { } value)
            {
                yield return (parameter.Name, parameter.Count > 0 && value is ConstantValue { Peek: long } ? SequenceValue.Tuple([.. Enumerable.Repeat(value, parameter.Count)]) : value);
            }
        }
    }

    // A model has thousands of layers, and each keeps its parameters under these names: the text is read once.
    private static readonly ConditionalWeakTable<string, Parameter[]> Written = [];

    /// <summary>What is written of one parameter.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="IsKept">Whether instances have an attribute of that name.</param>
    /// <param name="Count">The length of the tuple that one number becomes; 0 for none.</param>
    /// <param name="HasDefault">Whether it has a default.</param>
    /// <param name="Usual">The default: null, a truth value, a number, a text; a mark of its own where there is none or it cannot be read.</param>
    private sealed record Parameter(string Name, bool IsKept, int Count, bool HasDefault, object? Usual)
    {
        private static readonly object Unknown = new();

        public static Parameter Of(string written)
        {
            var equal = written.IndexOf('=', StringComparison.Ordinal);
            var name = (equal < 0 ? written : written[..equal]).TrimStart('-');
            var colon = name.IndexOf(':', StringComparison.Ordinal);
            return new(colon < 0 ? name : name[..colon], written[0] != '-', colon < 0 ? 0 : name[colon + 1] - '0', equal >= 0, equal < 0 ? Unknown : Literal(written.AsSpan(equal + 1)));
        }

        /// <summary>A value of its own for each object, since code may ask for its number; null where it is not known.</summary>
        public ConstantValue? Default() => Usual switch
        {
            null => ConstantValue.None,
            bool b => ConstantValue.Of(b),
            _ => ReferenceEquals(Usual, Unknown) ? null : new(Usual),
        };

        private static object? Literal(ReadOnlySpan<char> text) => text switch
        {
            "None" => null,
            "True" => true,
            "False" => false,
            _ when text[0] == '\'' => text[1..^1].ToString(),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => integer,
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => Unknown,
        };
    }

    /// <summary>One class for each of several names.</summary>
    public static IEnumerable<LibraryClass> For(string names, ClassKind kind, Returns output = Returns.Tensor, string? @base = null, string parameters = "") =>
        names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(n => new LibraryClass(n, kind) { Output = output, Base = @base, Parameters = parameters });
}
