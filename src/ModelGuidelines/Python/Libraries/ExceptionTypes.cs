using System.Collections.Frozen;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Python's own exceptions: which is a kind of which.</summary>
internal static class ExceptionTypes
{
    private const string Prefix = "builtins.";

    private static readonly FrozenDictionary<string, string> Bases = new[]
    {
        "BaseException: Exception GeneratorExit KeyboardInterrupt SystemExit",
        "Exception: ArithmeticError AssertionError AttributeError EOFError ImportError LookupError MemoryError NameError OSError ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TypeError ValueError Warning BufferError",
        "ArithmeticError: FloatingPointError OverflowError ZeroDivisionError",
        "ImportError: ModuleNotFoundError",
        "LookupError: IndexError KeyError",
        "NameError: UnboundLocalError",
        "OSError: FileExistsError FileNotFoundError PermissionError TimeoutError ConnectionError IsADirectoryError NotADirectoryError",
        "RuntimeError: NotImplementedError RecursionError",
        "ValueError: UnicodeError",
        "UnicodeError: UnicodeDecodeError UnicodeEncodeError",
        "Warning: UserWarning DeprecationWarning FutureWarning PendingDeprecationWarning RuntimeWarning ImportWarning",
    }.SelectMany(l => l[(l.IndexOf(':', StringComparison.Ordinal) + 2)..].Split(' ').Select(n => (Name: n, Base: l[..l.IndexOf(':', StringComparison.Ordinal)]))).ToFrozenDictionary(p => p.Name, p => p.Base, StringComparer.Ordinal);

    /// <summary>Whether one is, or is a kind of, the other; null where it is no exception of Python's own.</summary>
    public static bool? Derives(string name, string other)
    {
        if (name == other)
        {
            return true;
        }

        var (of, wanted) = (Bare(name), Bare(other));
        if (!(of is "BaseException" || Bases.ContainsKey(of)) || !(wanted is "BaseException" || Bases.ContainsKey(wanted)))
        {
            return null;
        }

        for (var type = of; type is not null; type = Bases.GetValueOrDefault(type))
        {
            if (type == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static string Bare(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] is "IOError" or "EnvironmentError" ? "OSError" : name[Prefix.Length..] : name;
}
