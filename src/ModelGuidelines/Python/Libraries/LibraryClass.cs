using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>One class of a library: what its instances are.</summary>
/// <param name="Name">Behind the library's prefix: <c>Conv2d</c>.</param>
/// <param name="Kind">What it makes of its instances and of those of classes that derive from it.</param>
internal sealed record LibraryClass(string Name, ClassKind Kind)
{
    /// <summary>What a call of an instance gives back (forward).</summary>
    public Returns Output { get; init; } = Returns.Tensor;

    /// <summary>The constructor's parameters in order, separated by spaces, as far as its instances keep them as attributes of the same name: <c>in_channels out_channels kernel_size</c>.</summary>
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

    /// <summary>It is made to be derived from and no module of the framework by itself: <c>torch.nn.Module</c>, <c>PreTrainedModel</c>.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>One class for each of several names.</summary>
    public static IEnumerable<LibraryClass> For(string names, ClassKind kind, Returns output = Returns.Tensor, string? @base = null) =>
        names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(n => new LibraryClass(n, kind) { Output = output, Base = @base });
}
