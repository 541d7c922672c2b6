using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What a call of a library gives back.</summary>
internal enum Returns
{
    /// <summary>Something that the row cannot tell: an unknown value, without a gap (a date, a logger, a file).</summary>
    Unknown,

    Tensor,

    /// <summary>A tuple of two tensors.</summary>
    TwoTensors,

    /// <summary>A tuple of three tensors.</summary>
    ThreeTensors,

    /// <summary>A tuple of tensors, how many is not known.</summary>
    TensorTuple,

    /// <summary>A list of tensors, how many is not known.</summary>
    TensorList,

    Number,
    Boolean,
    Text,
    None,
    True,
    False,

    /// <summary>A tuple of numbers, how many is not known.</summary>
    Numbers,

    /// <summary>An array that is no tensor.</summary>
    Array,

    /// <summary>Its first argument: decorators that change nothing, <c>weight_norm</c>, <c>Module.to</c>.</summary>
    First,

    /// <summary>What it is called on: <c>module.eval()</c>.</summary>
    Receiver,

    /// <summary>A tensor where it is given one, else a number: <c>abs</c>, <c>operator.mul</c>.</summary>
    TensorOrNumber,

    /// <summary>What the function handed in returns (see <see cref="LibraryRow.Calls"/>).</summary>
    CalledBack,

    /// <summary>A tensor of a Keras graph while one is built, else a tensor.</summary>
    KerasTensor,
}

/// <summary>What a call does with the tensors that it is given.</summary>
internal enum Does
{
    /// <summary>Nothing that a guideline counts: it reads, checks, or is no function of the framework.</summary>
    Nothing,

    /// <summary>It is a function of PyTorch called by the user's code: recorded as an operation, by the row's name.</summary>
    Operation,

    /// <summary>It runs functions that it is handed by data, and stays one operator in the exported graph: <c>torch.cond</c>.</summary>
    ControlFlow,
}

/// <summary>What a place that is not followed may keep from view.</summary>
[Flags]
internal enum Hides
{
    Nothing = 0,

    /// <summary>Calls of modules.</summary>
    Calls = 1,

    /// <summary>Functions that the user's code calls.</summary>
    Functions = 2,

    /// <summary>Values at borders.</summary>
    Values = 4,

    /// <summary>How models and layers are made.</summary>
    Models = 8,

    /// <summary>What a module does that is not read; how others are made is seen.</summary>
    Inside = Calls | Functions | Values,

    Everything = Calls | Functions | Values | Models,
}

/// <summary>A function of a library that no row can describe. Null: as if there were no function, the row's <see cref="LibraryRow.Returns"/> decides.</summary>
internal delegate Value? LibraryFunction(ILibraryContext context, CallArguments arguments);

/// <summary>A method of a library's class (or of one of Python's own types).</summary>
/// <typeparam name="T">What it is called on.</typeparam>
internal delegate Value? LibraryMethod<in T>(ILibraryContext context, T self, CallArguments arguments)
    where T : Value;

/// <summary>One function of a library: what a call of it means.</summary>
/// <param name="Name">Behind the library's prefix: <c>relu</c>.</param>
/// <param name="Returns">What it gives back.</param>
/// <param name="Does">What it does with tensors.</param>
internal sealed record LibraryRow(string Name, Returns Returns, Does Does = Does.Nothing)
{
    /// <summary>A function of a library that gives back its argument.</summary>
    public const string Identity = "typing.no_type_check";

    /// <summary>The decorator that <c>lru_cache(maxsize=None)</c> gives.</summary>
    private const string Cache = "functools.cache";

    /// <summary>Stands for any name of a library: <c>getattr(nn, name)</c> where the name cannot be told.</summary>
    public const string AnyName = "*";

    /// <summary>PyTorch's name of the operation, where it is not the last part of <see cref="Name"/>: <c>truediv</c> is <c>div</c>.</summary>
    public string? Operation { get; init; }

    /// <summary>The position of an argument that is called with the arguments behind it: 0 for <c>checkpoint(function, *args)</c>; null when none is.</summary>
    public int? Calls { get; init; }

    /// <summary>Its first argument is a sequence of tensors, never a tensor.</summary>
    public bool TakesSequence { get; init; }

    /// <summary>Numbers are as good as tensors to it: <c>torch.div(x.size(1), 2)</c> gives a tensor.</summary>
    public bool TakesNumbers { get; init; }

    /// <summary>What is not seen of what it does with tensors and modules that it is given. Most rows hide nothing: what a library does inside is the library's.</summary>
    public Hides Hides { get; init; }

    /// <summary>What a row cannot say.</summary>
    public LibraryFunction? Function { get; init; }

    /// <summary>It is no function but a class that is not described by itself, and this class of the catalog says what its instances are: one of a library's many networks. By its full name.</summary>
    public string? Makes { get; init; }

    /// <summary>What the argument is of which it makes a tensor, where that is hardly one already.</summary>
    public InputUse? MakesOf { get; init; }

    /// <summary>As a decorator it is called with what it decorates; other rows' decorators leave that as it is.</summary>
    public bool Wraps { get; init; }

    /// <summary>Its <see cref="Function"/> only computes from what it is given: it runs none of the user's code and changes nothing.</summary>
    public bool Computes { get; init; }

    /// <summary>One row for each of several names.</summary>
    public static IEnumerable<LibraryRow> For(string names, Returns returns, Does does = Does.Nothing) =>
        names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(n => new LibraryRow(n, returns, does));

    /// <summary>A function that no row can describe.</summary>
    public static LibraryRow Of(string name, LibraryFunction function, Returns otherwise = Returns.Unknown, Does does = Does.Nothing) => new(name, otherwise, does) { Function = function };

    /// <summary>Decorators that leave what they wrap as it is, written with or without arguments; functions that wrap and context managers of that name too.</summary>
    public static IEnumerable<LibraryRow> Decorators(string names) => For(names, Returns.Unknown).Select(r => r with { Function = Wrap });

    /// <summary>Decorators that run what they wrap once for the same arguments, written with or without arguments.</summary>
    public static IEnumerable<LibraryRow> Caches(string names) => For(names, Returns.Unknown).Select(r => r with { Wraps = true, Function = Remember });

    private static Value Remember(ILibraryContext context, CallArguments arguments) => arguments.Positional is [FunctionValue function, ..] ? function.Remembering() : Wrap(context, arguments) is ExternalValue { Name: Identity } ? new ExternalValue(Cache) : arguments.Positional[0];

    /// <summary>What is called as well as written as a decorator: <c>activate = staticmethod(F.relu)</c>.</summary>
    public static IEnumerable<LibraryRow> Descriptors(string names) => For(names, Returns.Unknown).Select(r => r with { Function = (context, arguments) => arguments.Find(0, "fget") is { } function ? new WrappedMethod(context.Name[(context.Name.LastIndexOf('.') + 1)..], function) : null });

    private static Value Wrap(ILibraryContext context, CallArguments arguments) => arguments.Positional is [var wrapped, ..] && IsWrapped(context, wrapped) ? wrapped : new ExternalValue(Identity);

    /// <summary>A setting (<c>maxsize=8</c>, <c>torch.float16</c>) is none: what is called with it then gets the function. What cannot be told may be one.</summary>
    private static bool IsWrapped(ILibraryContext context, Value value) => value is not ConstantValue && (value is not ExternalValue e || context.Libraries.Row(e.Name) is not null || context.Libraries.Class(e.Name) is not null);
}
