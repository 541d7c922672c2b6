using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Projects;

/// <summary>One Python file in one analysis: its tree, its names, and where it is.</summary>
internal sealed class SourceModule
{
    public SourceModule(PythonFile file, string path, string displayName, string dottedName)
    {
        File = file;
        Path = path;
        DisplayName = displayName;
        DottedName = dottedName;
        Scope = new(this, null);
    }

    public PythonFile File { get; }

    public string Path { get; }

    /// <summary>Relative to the audited file's folder, with forward slashes.</summary>
    public string DisplayName { get; }

    /// <summary>As an import would name it: <c>package.models.resnet</c>.</summary>
    public string DottedName { get; }

    /// <summary>What relative imports start from: the file's own name where it is a package's.</summary>
    public string PackageName => System.IO.Path.GetFileName(Path) == "__init__.py" ? DottedName : DottedName.LastIndexOf('.') is >= 0 and var dot ? DottedName[..dot] : "";

    /// <summary>Whether it lies on the search path and not in the audited project.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Whether its text names a function that sets Keras' order of axes or type of numbers.</summary>
    public bool SetsKerasFormat => _setsKerasFormat ??= File.Text.Contains("set_image_data_format", StringComparison.Ordinal) || File.Text.Contains("set_floatx", StringComparison.Ordinal);

    private bool? _setsKerasFormat;

    /// <summary>What it sets of the process' environment.</summary>
    public EnvironmentVariables Variables => _variables ??= new(File);

    private EnvironmentVariables? _variables;

    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    public Scope Scope { get; }

    /// <summary>Libraries and files from which everything was imported with a star, last first.</summary>
    public List<string> StarImports { get; } = [];

    public bool IsRun { get; set; }

    /// <summary>An expression of the user, in no file: it has no lines to point at.</summary>
    public bool IsExpression { get; init; }

    public SourceLocation? At(int offset)
    {
        if (IsExpression)
        {
            return null;
        }

        var (line, column) = File.PositionOf(offset);
        return new(DisplayName, line, column);
    }
}
