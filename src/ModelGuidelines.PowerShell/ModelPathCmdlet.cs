using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets that read models share: paths of the platform in, inputs of the engine out; errors as records.</summary>
public abstract class ModelPathCmdlet : PSCmdlet
{
    /// <summary>Parameter set of <see cref="Path"/>.</summary>
    protected const string PathSet = "Path";

    /// <summary>Parameter set of <see cref="LiteralPath"/>.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private InputFinder? _finder;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Whether folders are searched with all below them.</summary>
    protected virtual bool SearchesRecursively => false;

    /// <summary>The inputs behind the paths that are bound now. What cannot be resolved is written as an error.</summary>
    private protected IEnumerable<AuditInput> FindInputs()
    {
        _finder ??= new(FormatRegistry.Default);
        var isLiteral = ParameterSetName == LiteralPathSet;
        foreach (var given in isLiteral ? LiteralPath : Path)
        {
            foreach (var (full, display) in Resolve(given, isLiteral))
            {
                var count = 0;
                foreach (var input in _finder.FindOne(full, display, SearchesRecursively))
                {
                    count++;
                    yield return input;
                }

                if (count == 0)
                {
                    WriteWarning($"There is no model in '{display}'{(SearchesRecursively ? "" : "; -Recurse searches the folders in it")}.");
                }
            }
        }
    }

    private List<(string Full, string Display)> Resolve(string given, bool isLiteral)
    {
        var result = new List<(string, string)>();
        try
        {
            ProviderInfo provider;
            if (isLiteral)
            {
                var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(given, out provider, out _);
                result.Add((full, DisplayOf(given, full)));
            }
            else
            {
                foreach (var full in GetResolvedProviderPathFromPSPath(given, out provider))
                {
                    result.Add((full, DisplayOf(given, full)));
                }

                if (result.Count == 0)
                {
                    WriteError(new AuditError("MG.Input.NotFound", $"No file matches '{given}'.", null), given);
                }
            }

            if (provider.Name != "FileSystem")
            {
                result.Clear();
                WriteError(new AuditError("MG.Input.UnsupportedProvider", $"'{given}' is a path of the provider {provider.Name}; models are files.", null), given);
            }
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException)
        {
            WriteError(new AuditError("MG.Input.NotFound", e.Message, null), given);
        }
        catch (Exception e) when (e is ProviderNotFoundException or ProviderInvocationException or NotSupportedException or ArgumentException or WildcardPatternException)
        {
            WriteError(new AuditError("MG.Input.InvalidPath", e.Message, null), given);
        }

        return result;
    }

    /// <summary>What reports call a file: as given; of a relative pattern, the part below the current location; else the whole path.</summary>
    private string DisplayOf(string given, string full)
    {
        if (given.Contains("::", StringComparison.Ordinal) || given.StartsWith('~') || SessionState.Path.IsPSAbsolute(given, out _))
        {
            return full;
        }

        var isSame = string.Equals(System.IO.Path.GetFileName(given.TrimEnd('/', '\\')), System.IO.Path.GetFileName(full.TrimEnd('/', '\\')), StringComparison.Ordinal);
        if (isSame && !WildcardPattern.ContainsWildcardCharacters(given))
        {
            return given;
        }

        var here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        return System.IO.Path.GetRelativePath(here, full) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }

    /// <summary>Writes an error of the engine as a record of PowerShell.</summary>
    private protected void WriteError(AuditError error, string target) => WriteError(Errors.Record(error, target));
}
