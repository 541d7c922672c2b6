using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The lines that make a copy hold the first one's parameters (<c>--share-parameters</c>). Attributes are set by their names, since a recurrent module's own list of its weights follows what is set.</summary>
internal static class SharingLines
{
    /// <summary>Names for the lines' loops that the function does not say otherwise: it may hold a parameter called <c>value</c>.</summary>
    public static IReadOnlyList<string> NamesIn(FunctionDefinition function)
    {
        var said = SaidNames.In(function);
        return [.. new[] { "module", "shared", "key", "value", "copied" }.Select(n => said.Contains(n) ? Enumerable.Range(2, said.Count + 1).Select(i => $"{n}{i}").First(o => !said.Contains(o)) : n)];
    }

    /// <summary>The lines.</summary>
    /// <param name="copy">The words of the copy, or of the list of copies: <c>self.act2</c>.</param>
    /// <param name="first">The words of what is copied: <c>self.act</c>, <c>self.acts[0]</c>.</param>
    /// <param name="isList">Whether each element of the copy is one.</param>
    /// <param name="names">The names of the loops: module, shared, key, value, copied.</param>
    /// <param name="line">What stands between two lines: the line's end and the indentation.</param>
    public static string Of(string copy, string first, bool isList, IReadOnlyList<string> names, string line)
    {
        var (module, shared, key, value, copied) = (names[0], names[1], names[2], names[3], names[4]);
        var (around, inner) = isList ? ($"for {copied} in {copy}:{line}    ", line + "    ") : ("", line);
        return $"{around}for {module}, {shared} in zip({(isList ? copied : copy)}.modules(), {first}.modules()):{inner}    for {key}, {value} in {shared}._parameters.items():{inner}        setattr({module}, {key}, {value})";
    }

    /// <summary>The words of an element of a list or dictionary, of whose name the last part is its key: <c>acts.0</c> is <c>self.acts[0]</c>, <c>acts.gelu</c> <c>self.acts["gelu"]</c>.</summary>
    public static string First(string owner, string name) =>
        name.LastIndexOf('.') is var dot and > 0 && name[(dot + 1)..] is var key ? $"{owner}.{name[..dot]}[{(key.All(char.IsAsciiDigit) ? key : $"\"{key}\"")}]" : $"{owner}.{name}";

    /// <summary>What the user is told of a copy with parameters.</summary>
    public static string Note(bool shares, string name, string copied) => shares
        ? $"'{name}' holds the parameters of '{copied}': they train as one; a checkpoint of before has no entries for '{name}', which are the same as those of '{copied}'"
        : $"'{name}' has parameters of its own: from now on the two train apart, and saved weights of '{copied}' have to be loaded into '{name}' as well";
}
