using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>One library that models import, or a part of one: what its names mean. One file each; registered in <see cref="LibraryCatalog"/>.</summary>
internal abstract class PythonLibrary
{
    /// <summary>Dotted prefixes under which its names are found: <c>torch.nn.functional</c>. The longest prefix that has the name wins.</summary>
    public abstract IReadOnlyList<string> Prefixes { get; }

    /// <summary>Whether files of it are read where a project or the search path has them, and its rows serve only where they are not.</summary>
    public virtual bool IsReadFirst => false;

    /// <summary>Whether it describes a library of that first name part; else its prefixes' first parts and those of its rows and classes say so.</summary>
    public virtual bool Knows(string firstPart) => false;

    public virtual IEnumerable<LibraryRow> Rows => [];

    public virtual IEnumerable<LibraryClass> Classes => [];

    /// <summary>Other names of the same things, full to full: <c>torch.nn.modules.conv.Conv2d</c> is <c>torch.nn.Conv2d</c>. A prefix ends with a dot and stands for all below.</summary>
    public virtual IReadOnlyDictionary<string, string> Aliases => System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Constants: <c>math.pi</c>; names behind the prefix.</summary>
    public virtual IReadOnlyDictionary<string, Value> Constants => System.Collections.Frozen.FrozenDictionary<string, Value>.Empty;

    /// <summary>What a name below its prefixes means that has no row, class or constant: for libraries of which not every name is listed. Null: not known (a gap where it is called).</summary>
    /// <param name="name">Behind the prefix.</param>
    public virtual LibraryRow? Other(string name) => null;
}
