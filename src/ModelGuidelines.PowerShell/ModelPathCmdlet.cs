using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets that read models share: paths of the platform in, inputs of the engine out; errors as records.</summary>
/// <remarks>A path that is typed may have wildcards. One that comes with an object means itself: a finding about <c>net[1].py</c> is never one about <c>net1.py</c>.</remarks>
public abstract class ModelPathCmdlet : ModelCmdlet
{
    /// <summary>Parameter set of <see cref="Path"/>.</summary>
    protected const string PathSet = "Path";

    /// <summary>Parameter set of <see cref="LiteralPath"/>.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>Parameter set of <see cref="InputObject"/>.</summary>
    protected const string InputObjectSet = "InputObject";

    private InputFinder? _finder;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    /// <summary>A search follows links that lead out of its folder.</summary>
    [Parameter]
    public SwitchParameter FollowLinks { get; set; }

    /// <summary>Whether folders are searched with all below them.</summary>
    protected virtual bool SearchesRecursively => false;

    /// <summary>What finds models in folders.</summary>
    private protected virtual InputFinder NewFinder() => new(FormatRegistry.Default) { FollowLinks = FollowLinks, Cancellation = StopToken };

    /// <summary>How many links out of the folder a search passed over.</summary>
    private protected int LinksOutside => _finder?.LinksOutside ?? 0;

    /// <summary>What a search passed over because git ignores it.</summary>
    private protected string? Ignored => _finder?.Filter?.Ignored;

    /// <summary>The inputs behind the paths that are bound now. What cannot be resolved is written as an error.</summary>
    private protected IEnumerable<AuditInput> FindInputs()
    {
        _finder ??= NewFinder();
        foreach (var (full, display) in ParameterSetName switch
        {
            LiteralPathSet => LiteralPath.SelectMany(p => Resolve(p, isLiteral: true)),
            PathSet => Path.SelectMany(p => Resolve(p, isLiteral: false)),
            _ => ResolvePiped(),
        })
        {
            var count = 0;
            foreach (var input in UntilStopped(_finder.FindOne(full, display, SearchesRecursively)))
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

    private IEnumerable<AuditInput> UntilStopped(IEnumerable<AuditInput> found)
    {
        using var at = found.GetEnumerator();
        while (true)
        {
            try
            {
                if (!at.MoveNext())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }

            ThrowIfStopped();
            yield return at.Current;
        }
    }

    private List<(string Full, string Display)> ResolvePiped()
    {
        if (InputObject?.BaseObject is string { Length: > 0 } text)
        {
            // Text is the file of that very name; where there is none it may be a pattern.
            return Resolve(text, isLiteral: !WildcardPattern.ContainsWildcardCharacters(text) || SessionState.InvokeProvider.Item.Exists(text, force: true, literalPath: true));
        }

        if (InputObject is not null && PipedObject.PathOf(InputObject) is { } path)
        {
            var display = PipedObject.DisplayOf(InputObject);
            return [.. Resolve(path, isLiteral: true).Select(r => display is null ? r : (r.Full, display))];
        }

        var type = InputObject is null ? "null" : InputObject.BaseObject is string ? "an empty text" : $"an object of the type {InputObject.TypeNames.FirstOrDefault() ?? "unknown"}";
        WriteError(new AuditError("MG.Input.NoPath", $"{type} has no path: pipe paths, files, findings, or objects with a property Path, FullName, PSPath or LiteralPath.", null), PipedObject.Name(InputObject));
        return [];
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
                result.Add((full, DisplayOf(given, full, isLiteral)));
            }
            else
            {
                foreach (var full in GetResolvedProviderPathFromPSPath(given, out provider))
                {
                    result.Add((full, DisplayOf(given, full, isLiteral)));
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
    private string DisplayOf(string given, string full, bool isLiteral)
    {
        if (given.Contains("::", StringComparison.Ordinal) || given.StartsWith('~') || SessionState.Path.IsPSAbsolute(given, out _))
        {
            return full;
        }

        var isSame = string.Equals(System.IO.Path.GetFileName(given.TrimEnd('/', '\\')), System.IO.Path.GetFileName(full.TrimEnd('/', '\\')), StringComparison.Ordinal);
        if (isSame && (isLiteral || (!WildcardPattern.ContainsWildcardCharacters(given) && !given.Contains('`', StringComparison.Ordinal))))
        {
            return given;
        }

        var here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        return System.IO.Path.GetRelativePath(here, full) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }
}
