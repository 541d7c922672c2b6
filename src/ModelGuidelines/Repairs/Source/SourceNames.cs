namespace ModelGuidelines.Repairs.Source;

/// <summary>Attribute names that no object of a file's classes bears yet.</summary>
internal sealed class SourceNames
{
    private readonly NewNames _names;

    public SourceNames(SourceIndex index) => _names = new(index.ObjectNames, '.');

    /// <summary><c>relu2</c> after <c>relu</c>.</summary>
    public string Next(string attribute) => _names.Next(attribute);

    /// <summary>A name for the module of a function: the function's, when nothing else is called so.</summary>
    public string For(string function) => _names.TryTake(function) ? function : _names.Next(function);
}
