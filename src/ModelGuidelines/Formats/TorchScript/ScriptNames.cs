namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Names as TorchScript writes them.</summary>
internal static class ScriptNames
{
    private const string Root = "__torch__.";
    private const string Mangled = "___torch_mangle_";

    /// <summary>The Python name: without the namespace of all code, and without the parts that tell equal names apart.</summary>
    public static string Demangle(string name)
    {
        if (name.StartsWith(Root, StringComparison.Ordinal))
        {
            name = name[Root.Length..];
        }

        return name.Contains(Mangled, StringComparison.Ordinal)
            ? string.Join('.', name.Split('.').Where(p => !p.StartsWith(Mangled, StringComparison.Ordinal)))
            : name;
    }

    /// <summary>Whether a method stands for a call of the module: <c>forward</c>, a trace's further calls <c>forward1</c>, ..., an overload <c>forward__0</c>.</summary>
    public static bool IsForward(string method) =>
        method.StartsWith("forward", StringComparison.Ordinal) && method.AsSpan("forward".Length).TrimStart('_').IndexOfAnyExceptInRange('0', '9') < 0 && (method.Length == 7 || char.IsAsciiDigit(method[^1]));

    /// <summary>Whether code under that (demangled) name is PyTorch's own.</summary>
    public static bool IsTorch(string name) => name.StartsWith("torch.", StringComparison.Ordinal);
}
