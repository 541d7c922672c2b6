using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>The files of one repair, written beside their places and put there together: all of them, or none.</summary>
internal sealed class WrittenFiles : IDisposable
{
    private readonly List<Written> _files = [];
    private readonly RepairSettings _settings;
    private readonly AuditInput _input;
    private readonly FileStamp _stamp;
    private CompanionFiles? _companions;

    private WrittenFiles(AuditInput input, FileStamp stamp, RepairSettings settings) => (_input, _stamp, _settings) = (input, stamp, settings);

    /// <summary>Where the audited file's result lies until it is put in its place; null where the file itself stays.</summary>
    public string? TemporaryPath => _files.Find(f => f.Other is null)?.File.TemporaryPath;

    /// <summary>What was written, as reports call it.</summary>
    public string OutputPath => Display(_files.Find(f => f.Other is null) ?? _files[0]);

    /// <summary>The other files, by their originals.</summary>
    public IEnumerable<ChangedFile> Others => _files.Where(f => f.Other is not null).Select(f => new ChangedFile(f.Input.DisplayPath, Display(f)));

    /// <summary>Writes all that a plan changes.</summary>
    /// <param name="plan">What is written.</param>
    /// <param name="input">The audited file.</param>
    /// <param name="stamp">That file as it was read.</param>
    /// <param name="settings">Where it goes.</param>
    /// <param name="cancellation">Whether somebody still waits.</param>
    /// <exception cref="ModelReadException">There is no safe place for one of them.</exception>
    public static WrittenFiles Write(RepairPlan plan, AuditInput input, FileStamp stamp, RepairSettings settings, CancellationToken cancellation)
    {
        var result = new WrittenFiles(input, stamp, settings);
        try
        {
            foreach (var other in plan.Others.Where(o => o.OnlyAdds))
            {
                result.Add(plan, other, cancellation);
            }

            if (plan.ChangesFile)
            {
                result.Add(plan, null, cancellation);
            }

            foreach (var other in plan.Others.Where(o => !o.OnlyAdds))
            {
                result.Add(plan, other, cancellation);
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>What stands beside a file in the place of another, as reports call it.</summary>
    public static string DisplayOf(AuditInput input, string path) =>
        Path.GetRelativePath(Path.GetDirectoryName(input.NamedPath)!, path) is var below && Path.Join(Path.GetDirectoryName(input.DisplayPath), below) is var shown && below.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(shown) ? Normal(shown) : shown;

    /// <summary>Opens what was written of the other files, by the originals' full paths.</summary>
    public Dictionary<string, ModelSource> OpenOthers(CancellationToken cancellation) =>
        _files.Where(f => f.Other is not null).ToDictionary(f => f.Other!.Path, f => new ModelSource(f.File.TemporaryPath, _settings.Limits, cancellation), StringComparer.Ordinal);

    /// <summary>Puts all files in their places; where one cannot be, those before it are put back.</summary>
    /// <exception cref="ModelReadException">One was changed by somebody else meanwhile.</exception>
    public void Commit()
    {
        if (FileStamp.Of(_input) != _stamp || _files.Exists(f => f.Other is { } other && _settings.Targets?.Texts?.ContainsKey(other.Path) is not true && !File.ReadAllBytes(other.Path).AsSpan().SequenceEqual(other.Before.Span)))
        {
            throw new ModelReadException("MG.Repair.Changed", "the file was changed by somebody else while it was being repaired; nothing was written");
        }

        if (_settings.Backup)
        {
            _files.Where(f => f.Replaced is not null || File.Exists(f.Target)).ToList().ForEach(f => Backup.Keep(f.Target, f.Replaced));
        }

        var done = new List<(string Target, byte[]? Before)>();
        try
        {
            foreach (var file in _files)
            {
                var before = _files.Count > 1 && File.Exists(file.Target) ? File.ReadAllBytes(file.Target) : null;
                file.File.Commit(file.Input.IsOpened ? file.Input.FullPath : OutputFile.Target(file.Input.FullPath), withTimes: true);
                done.Add((file.Target, before));
            }
        }
        catch
        {
            done.ForEach(PutBack);
            throw;
        }

        _companions?.Keep();
    }

    public void Dispose()
    {
        _files.ForEach(f => f.File.Dispose());
        _companions?.Dispose();
    }

    private static void PutBack((string Target, byte[]? Before) file)
    {
        if (file.Before is null)
        {
            OutputFile.TryDelete(file.Target);
            return;
        }

        using var output = OutputFile.Create(file.Target);
        output.Stream.Write(file.Before);
        output.Complete();
        output.Commit();
    }

    private static string Normal(string path) => Path.GetRelativePath(Environment.CurrentDirectory, Path.GetFullPath(path));

    private string Display(Written file) => RepairTarget.Display(file.Input, file.Target, _settings);

    private void Add(RepairPlan plan, RelatedFile? other, CancellationToken cancellation)
    {
        var input = other is null ? _input : new AuditInput(other.Path, DisplayOf(_input, other.Path)) { SearchedFolder = _input.SearchedFolder };
        var target = RepairTarget.Find(input, _settings);
        if (other is null)
        {
            _companions = CompanionFiles.Copy(_settings.InPlace ? [] : plan.CompanionFiles, Path.GetDirectoryName(input.NamedPath)!, Path.GetDirectoryName(target)!, cancellation);
        }

        var replaced = _settings.InPlace && input.IsOpened ? input.FullPath : null;
        var file = OutputFile.Create(target, replaced);
        _files.Add(new(other, input, target, file, replaced));
        try
        {
            if (other is not null)
            {
                plan.WriteOther(other.Path, file.Stream);
            }
            else
            {
                plan.Write(_settings.Progress is { } progress ? new ProgressStream(file.Stream, bytes => progress.Report(new(input.DisplayPath, RepairStage.Writing, bytes))) : file.Stream, cancellation);
            }

            file.Complete();
        }
        catch (ArgumentOutOfRangeException e)
        {
            // So .NET reports EFBIG.
            throw new IOException("The result is larger than a file can be on this file system, or than this process may write", e);
        }
    }

    /// <summary>One of them.</summary>
    /// <param name="Other">What the plan says of it; null for the audited file.</param>
    /// <param name="Input">The original.</param>
    /// <param name="Target">Where it goes.</param>
    /// <param name="File">Where it is written.</param>
    /// <param name="Replaced">The opened original that it replaces, where <paramref name="Target"/> is not its name but what is shown of it.</param>
    private sealed record Written(RelatedFile? Other, AuditInput Input, string Target, OutputFile File, string? Replaced);
}
