using System.Collections.Frozen;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What code asks of a proxy of torch.fx that has no answer.</summary>
internal enum Untraced
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Whether it is true.</summary>
    Truth,

    /// <summary>Which number it is.</summary>
    Number,

    /// <summary>Its elements, one after the other.</summary>
    Elements,

    /// <summary>To change some of its elements.</summary>
    Items,

    /// <summary>To be a size of a tensor that is made.</summary>
    Made,

    /// <summary>To be taken by a library's code that is not read.</summary>
    Library,
}

/// <summary>What calls do with proxies of torch.fx; recorded with torch.fx.symbolic_trace, see the tests' models.</summary>
internal static class FxCalls
{
    /// <summary>They take a proxy for the object that it is, or do not look at it.</summary>
    private static readonly FrozenSet<string> Plain = Names(
        """
        builtins.isinstance builtins.issubclass builtins.hasattr builtins.callable builtins.type builtins.id builtins.repr builtins.str builtins.print builtins.len builtins.int builtins.float
        builtins.bool builtins.range builtins.dict builtins.setattr builtins.any builtins.all builtins.complex torch.is_tensor
        """);

    private static readonly string[] PlainPrefixes = ["torch.jit.", "torch.onnx.", "torch.compiler.", "torch._C.", "torch.cuda.", "warnings.", "logging.", "typing."];

    /// <summary>They make a list or the like of what they are given.</summary>
    public static readonly FrozenSet<string> Collect = Names("builtins.list builtins.tuple builtins.zip builtins.enumerate builtins.reversed builtins.iter builtins.set builtins.sorted builtins.map builtins.filter torch.Size");

    private static readonly FrozenSet<string> Numbers = Names("builtins.int builtins.float builtins.range builtins.len builtins.complex builtins.round builtins.abs builtins.chr builtins.slice");

    /// <summary>Recorded in AIMET's preparer itself, or refused by Python before torch.fx is asked.</summary>
    private static readonly FrozenSet<string> Measured = Names("builtins.int builtins.float builtins.range builtins.len");

    private static readonly FrozenSet<string> Makers = Names(
        "torch.zeros torch.ones torch.empty torch.full torch.rand torch.randn torch.randint torch.eye torch.linspace torch.logspace torch.tensor torch.as_tensor torch.randperm torch.tril_indices torch.triu_indices");

    private static readonly string[] Others = ["einops.", "numpy.", "scipy.", "cv2."];

    public static bool IsPlain(string name) => Plain.Contains(name) || Array.Exists(PlainPrefixes, p => name.StartsWith(p, StringComparison.Ordinal));

    public static bool IsTruthOfAll(string name) => name is "builtins.any" or "builtins.all";

    public static bool IsMeasured(string name) => Measured.Contains(name);

    /// <summary>Modules that torch.fx records as one call, without looking into them.</summary>
    public static bool IsLeaf(string type) => type.StartsWith("torch.nn.", StringComparison.Ordinal) || type.StartsWith("torch.ao.nn.", StringComparison.Ordinal);

    public static Untraced Asks(string name, int arguments) => Numbers.Contains(name) ? Untraced.Number
        : name is "builtins.bool" || (name is "builtins.max" or "builtins.min" && arguments > 1) ? Untraced.Truth
        : name is "builtins.max" or "builtins.min" or "builtins.sum" or "builtins.any" or "builtins.all" or "builtins.dict" or "builtins.next" || Collect.Contains(name) ? Untraced.Elements
        : Makers.Contains(name) ? Untraced.Made
        : Array.Exists(Others, p => name.StartsWith(p, StringComparison.Ordinal)) ? Untraced.Library
        : Untraced.Nothing;

    private static FrozenSet<string> Names(string names) => names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
