namespace ModelGuidelines.Audit;

/// <summary>One thing to audit.</summary>
/// <param name="FullPath">Where it is.</param>
/// <param name="DisplayPath">What reports call it: as the user gave it.</param>
/// <param name="Error">Set when it could not even be found or listed; it is reported and not opened.</param>
public sealed record AuditInput(string FullPath, string DisplayPath, AuditError? Error = null)
{
    /// <summary>Found by searching a folder, under an extension that other files carry too: passed over when no format recognises it.</summary>
    public bool IsGuess { get; init; }

    /// <summary>The one model of a Python file that is meant; null: all that it holds.</summary>
    public Formats.ModelEntry? Entry { get; init; }

    /// <summary>The folder in whose search it was found; null when it was named itself.</summary>
    public string? SearchedFolder { get; init; }

    /// <summary>What keeps <see cref="FullPath"/> open, where that is no name on the disk; closed when the input is no longer referred to.</summary>
    internal IDisposable? Handle { get; init; }

    /// <summary><see cref="FullPath"/>, and of an opened file whose own name is no text that name as it is shown: what is to stand beside it is named after that.</summary>
    internal string NamedPath => IsOpened ? Storage.OutputFile.Target(FullPath) : FullPath;

    /// <summary>Whether the file's own name is no text, so that <see cref="FullPath"/> is the handle's.</summary>
    internal bool IsOpened => Handle is not null && Storage.UndecodableName.IsHandle(FullPath);
}
