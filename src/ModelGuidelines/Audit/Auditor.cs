using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Audits files: in parallel, with results in the order of the inputs. The one place where failures become records.</summary>
public sealed class Auditor(FormatRegistry formats, ImmutableArray<IGuideline> guidelines)
{
    /// <summary>Inputs of which is asked at a time what is remembered.</summary>
    private const int LotSize = 200;

    /// <summary>Results that wait for an earlier one, for each worker.</summary>
    private const int Ahead = 32;

    /// <summary>Why a guideline is none for a model, by the frameworks of both: in a large folder each is said of thousands of files.</summary>
    private static readonly FrozenDictionary<(Framework Guideline, Framework Model), string> Foreign = Enum.GetValues<Framework>()
        .SelectMany(g => Enum.GetValues<Framework>().Select(m => (Guideline: g, Model: m))).ToFrozenDictionary(p => p, p => $"a guideline for {p.Guideline} models; this is a {p.Model} model");

    /// <summary>All formats and all guidelines.</summary>
    public static Auditor Default { get; } = new(FormatRegistry.Default, GuidelineCatalog.All);

    /// <summary>Audits each input. Ends at once when <paramref name="cancellation"/> is signalled or the enumeration is given up.</summary>
    public async IAsyncEnumerable<AuditResult> AuditAsync(
        IEnumerable<AuditInput> inputs, AuditSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var workers = settings.Parallelism > 0 ? settings.Parallelism : Environment.ProcessorCount;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // The queue holds audits in input order, running ones and done ones; its bound is how far workers may run ahead of the reader, who waits for a large file while small ones behind it are done.
        var queue = Channel.CreateBounded<Task<AuditResult?>>(workers * Ahead);
        using var work = new SharedWork(Remembered(inputs, settings), queue.Writer);
        var cache = new ReaderCache();
        var running = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(work, settings, cache, stop.Token), CancellationToken.None)));
        try
        {
            await foreach (var task in queue.Reader.ReadAllAsync(cancellation))
            {
                var result = await task.WaitAsync(cancellation);
                settings.Advanced?.Invoke();
                if (result is not null)
                {
                    yield return result;
                }
            }
        }
        finally
        {
            // Workers notice the token within milliseconds; nothing may touch what they share afterwards.
            await stop.CancelAsync();
            await Task.WhenAny(running);
        }
    }

    /// <summary>Audits one input on the calling thread; null when it was a guess and is no model.</summary>
    public AuditResult? Audit(AuditInput input, AuditSettings settings, CancellationToken cancellation = default) => Audit(input, settings, new(), null, cancellation);

    /// <summary>Audits one input on the calling thread, or takes what is remembered of it.</summary>
    /// <param name="input">What to audit.</param>
    /// <param name="settings">What for.</param>
    /// <param name="cache">What the audits of a run share.</param>
    /// <param name="memory">What is kept of the input; null: asked for here.</param>
    /// <param name="cancellation">Stops the audit.</param>
    internal AuditResult? Audit(AuditInput input, AuditSettings settings, ReaderCache cache, AuditMemory.Recollection? memory, CancellationToken cancellation)
    {
        var whole = Whole(settings);
        memory ??= settings.Memory?.Recall([input], whole);
        AuditResult? result;
        if (memory is null)
        {
            result = Examine(input, whole, cache, null, cancellation);
        }
        else if (!memory.Recalls(input, cache, settings.LeftOut, out result))
        {
            var (trace, roles) = (new FileTrace(), new RolesLeftOut());
            result = Examine(input, whole with { LeftOut = roles }, cache, trace, cancellation);
            result = memory.Keep(input, result, trace, roles);
            roles.Entries.ToList().ForEach(r => settings.LeftOut?.Add(r.Role, r.File, r.Class));
        }

        return result is { Error: null } && settings.Rules is { } rules ? rules.Apply(result, settings.MinimumSeverity) : result;
    }

    /// <summary>The rules of a settings file may make a warning of a note.</summary>
    private static AuditSettings Whole(AuditSettings settings) => settings.Rules is null ? settings : settings with { MinimumSeverity = Severity.Information };

    private AuditResult? Examine(AuditInput input, AuditSettings settings, ReaderCache cache, FileTrace? trace, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var format = "";
        ReadBudget? budget = null;
        try
        {
            if (input.Error is not null)
            {
                return Failed(input, format, started, input.Error);
            }

            using var source = new ModelSource(input.FullPath, settings.Limits, cancellation) { IncludeNodes = settings.Pictures, Cache = cache, Trace = trace, Name = input.Handle is null ? null : input.DisplayPath, Texts = settings.Texts, Options = new() { Entry = input.Entry, Folder = input.SearchedFolder is { } folder ? Path.GetFullPath(folder) : null, SearchPath = settings.SearchPath, IncludedRoles = settings.IncludedRoles, LeftOut = settings.LeftOut } };
            budget = source.Budget;
            if (Detect(source) is not { } reader)
            {
                return input.IsGuess && !formats.IsDamaged(source) ? null : Failed(input, format, started, Unrecognised(source));
            }

            format = reader.Name;
            source.Cancellation.ThrowIfCancellationRequested();
            var begin = Leftovers.Now;
            var graph = reader.Read(source);
            Leftovers.GiveBack(begin);
            return Evaluate(reader, graph, input, started, settings);
        }
        catch (ModelReadException e) when (e.IsNotAModel && input.IsGuess)
        {
            return null;
        }
        catch (Exception e) when (ErrorOf(e, budget) is { } error)
        {
            return Failed(input, format, started, error);
        }
    }

    /// <summary>Reads one file into a graph, without guidelines.</summary>
    /// <exception cref="ModelReadException">The file cannot be read; every cause is translated into it.</exception>
    public (string Format, ModelGraph Graph) ReadGraph(string fullPath, ReadLimits limits, CancellationToken cancellation = default)
    {
        ReadBudget? budget = null;
        try
        {
            using var source = new ModelSource(fullPath, limits, cancellation);
            budget = source.Budget;
            if (!source.IsDirectory && !File.Exists(fullPath))
            {
                throw new ModelReadException("MG.Input.NotFound", "no such file or folder");
            }

            if (Detect(source) is not { } reader)
            {
                var error = Unrecognised(source);
                throw new ModelReadException(error.Id, error.Message);
            }

            return (reader.Name, reader.Read(source));
        }
        catch (Exception e) when (e is not ModelReadException && ErrorOf(e, budget) is not null)
        {
            var error = ErrorOf(e, budget)!;
            throw new ModelReadException(error.Id, error.Message, error.Offset, e);
        }
    }

    private IModelFormat? Detect(ModelSource source)
    {
        // What a repository holds in place of a large file that was not fetched; every format would call it damaged.
        if (source.Header.StartsWith("version https://git-lfs.github.com/spec/"u8))
        {
            throw new ModelReadException("MG.Input.GitLfsPointer", "the file is a Git LFS pointer: the model itself has not been fetched", 0);
        }

        return formats.Detect(source);
    }

    /// <summary>One of several workers: takes the next input, for which its place in the queue is kept, and audits it.</summary>
    private async Task WorkAsync(SharedWork work, AuditSettings settings, ReaderCache cache, CancellationToken stop)
    {
        while (await work.TakeAsync(stop) is var (input, memory, place))
        {
            try
            {
                place.SetResult(Audit(input, settings, cache, memory, stop));
            }
            catch (Exception e)
            {
                place.TrySetException(e);
            }
        }
    }

    /// <summary>The inputs with what is kept of them, which is asked for in lots: a server of databases may be far away.</summary>
    private static IEnumerable<(AuditInput Input, AuditMemory.Recollection? Memory)> Remembered(IEnumerable<AuditInput> inputs, AuditSettings settings)
    {
        if (settings.Memory is not { } memory)
        {
            return inputs.Select(i => (i, (AuditMemory.Recollection?)null));
        }

        var whole = Whole(settings);
        return inputs.Chunk(LotSize).SelectMany(lot =>
        {
            var kept = memory.Recall(lot, whole);
            return lot.Select(i => (i, (AuditMemory.Recollection?)kept));
        });
    }

    private AuditResult Evaluate(IModelFormat reader, ModelGraph graph, AuditInput input, long started, AuditSettings settings)
    {
        var format = reader.Name;
        var outcomes = ImmutableArray.CreateBuilder<GuidelineOutcome>();
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var suppressed = ImmutableArray.CreateBuilder<SuppressedFinding>();
        var asked = new GuidelineOptions(settings.DefinedClasses);
        foreach (var guideline in guidelines.Where(g => IsSelected(g.Descriptor.Id, settings)))
        {
            var descriptor = guideline.Descriptor;
            if (graph.Framework is not Framework.Unknown && descriptor.Framework is not Framework.Unknown && graph.Framework != descriptor.Framework)
            {
                outcomes.Add(new(descriptor.Id, Outcome.NotApplicable, Foreign[(descriptor.Framework, graph.Framework)]));
                continue;
            }

            var result = guideline.For(asked).Evaluate(graph);
            if (result.Findings.IsEmpty && result.Outcome is not Outcome.Fail)
            {
                outcomes.Add(new(descriptor.Id, result.Outcome, result.Reason));
                continue;
            }

            var kept = result.Findings.Where(f => !settings.Excludes(f.Module)).ToList();
            var accepted = graph.Suppressions.IsEmpty ? 0 : kept.RemoveAll(f => Suppressed(f, graph.Suppressions, suppressed));
            var outcome = result.Outcome is Outcome.Fail && !kept.Exists(f => f.Severity >= Severity.Warning) ? Outcome.Pass : result.Outcome;
            var reason = outcome == result.Outcome ? result.Reason
                : accepted > 0 ? "all findings are suppressed in the source" : "all findings are in excluded modules";
            outcomes.Add(new(descriptor.Id, outcome, reason));
            findings.AddRange(kept.Where(f => f.Severity >= settings.MinimumSeverity));
        }

        var files = reader.LocatesSource && !settings.EveryInstance ? new LocatedFiles(input, settings.AbsolutePaths, graph.OutlinedFiles) : null;
        var root = graph.Modules.IsEmpty ? null : graph.Modules[0].TypeName;
        var texts = new TextPool();
        var help = (Guideline: "", Uri: (Uri?)null);
        Finding OfFile(Finding f)
        {
            if (help.Guideline != f.Guideline)
            {
                help = (f.Guideline, HelpUri(f.Guideline));
            }

            // Sentences are for screens; the names in them come from the file.
            var sentence = Printable.Text(f.Message);
            return Located(files, f with
            {
                Path = input.DisplayPath,
                Format = format,
                Framework = graph.Framework,
                HelpUri = help.Uri,
                Model = f.Model ?? root,
                External = f.Location is { } at && graph.ExternalFiles.ContainsKey(at.File),
                Package = f.Location is { } place ? graph.ExternalFiles.GetValueOrDefault(place.File) : null,
                Message = sentence,
                Sentence = sentence,
                Recommendation = f.Recommendation is null ? null : texts.Get(Printable.Text(f.Recommendation)),
                Place = IsInSource(files, f) ? "" : texts.Get(Places.InGraph(f)),
            });
        }

        Suppression Named(Suppression s) => files is null || s.File is null ? s : s with { File = files.Shown(s.File) };
        ImmutableArray<Finding> Stamp(IEnumerable<Finding> found) =>
            Fingerprints.Stamp(files is null ? found : found.Select(f => f.Location is { } at ? f with { Snippet = files.Text(f.SourcePath!).Snippet(at.Line) } : f));
        var shown = (settings.Pictures ? findings : Taken(findings)).Select(OfFile);
        var stamped = Stamp(settings.EveryInstance ? shown : Places.Merge(shown));
        var accepting = Stamp(suppressed.Select(s => OfFile(s.Finding)));
        return new()
        {
            Path = input.DisplayPath,
            FullPath = input.FullPath,
            Entry = input.Entry?.ToString(),
            Format = format,
            Exporter = graph.Exporter,
            Framework = graph.Framework,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Guidelines = outcomes.ToImmutable(),
            Gaps = Unfollowed(graph, files, settings),
            GapCount = graph.Gaps.Length,
            Findings = stamped,
            Suppressed = suppressed.Count,
            SuppressedFindings = [.. suppressed.Zip(accepting, (s, f) => s with { Finding = f, By = Named(s.By) })],
            Suppressions = [.. graph.Suppressions.Select(Named)],
            Picture = settings.Pictures && findings.Count > 0 ? Reports.Pictures.Picture.Of(graph, findings, input.DisplayPath) : null,
        };
    }

    /// <summary>Findings that nobody asks for again: what is made of one takes its place, for there may be as many as a file has nodes.</summary>
    private static IEnumerable<Finding> Taken(ImmutableArray<Finding>.Builder findings)
    {
        for (var i = 0; i < findings.Count; i++)
        {
            var finding = findings[i];
            findings[i] = null!;
            yield return finding;
        }
    }

    /// <summary>Whether a finding is about a line of source, whose place is told by what stands there.</summary>
    private static bool IsInSource(LocatedFiles? files, Finding finding) => files is not null && finding.Location is not null;

    /// <summary>A finding in source with its place, and with paths as reports name them.</summary>
    private static Finding Located(LocatedFiles? files, Finding finding)
    {
        if (!IsInSource(files, finding))
        {
            return finding;
        }

        var location = finding.Location!;
        var shown = finding with
        {
            SourcePath = files!.FullPath(location.File),
            Location = files.Shown(location),
            Calls = [.. finding.Calls.Select(c => c.Location is null ? c : c with { Location = files.Shown(c.Location) })],
        };
        return shown with { Place = Places.InSource(shown, files.Text(shown.SourcePath).Owner(location.Line)) };
    }

    private ImmutableArray<UnfollowedPlace> Unfollowed(ModelGraph graph, LocatedFiles? files, AuditSettings settings)
    {
        if (graph.Gaps.IsEmpty)
        {
            return [];
        }

        var asked = guidelines.Select(g => g.Descriptor).Where(d => IsSelected(d.Id, settings) && (graph.Framework is Framework.Unknown || graph.Framework == d.Framework)).ToList();
        return
        [
            .. graph.Gaps
                .Select(g => new UnfollowedPlace(g.What, g.Location is null || files is null ? g.Location : files.Shown(g.Location), [.. asked.Where(d => (d.Facts & g.Hides) is not GraphFacts.None).Select(d => d.Id)], g.Remedy))
                .OrderByDescending(g => g.Hides.Length)
                .Take(AuditResult.MaximumGaps),
        ];
    }

    private Uri HelpUri(string guideline) => guidelines.First(g => g.Descriptor.Id == guideline).Descriptor.HelpUri;

    private static bool IsSelected(string id, AuditSettings settings) => (settings.Guidelines.IsEmpty && settings.ExcludedGuidelines.IsEmpty) || IsAmong(id, settings);

    private static bool IsAmong(string id, AuditSettings settings) =>
        (settings.Guidelines.IsEmpty || settings.Guidelines.Any(p => GuidelineCatalog.Matches(p, id))) && !settings.ExcludedGuidelines.Any(p => GuidelineCatalog.Matches(p, id));

    private static bool Suppressed(Finding finding, ImmutableArray<Suppression> suppressions, ImmutableArray<SuppressedFinding>.Builder suppressed)
    {
        if (finding.Location is not { } location)
        {
            return false;
        }

        var by = suppressions.FirstOrDefault(s => (s.Guideline == "*" || s.Guideline == finding.Guideline) && s.FirstLine <= location.Line && location.Line <= s.LastLine
            && (s.File is null || s.File == location.File));
        if (by is not null)
        {
            suppressed.Add(new(finding, by));
        }

        return by is not null;
    }

    private static AuditResult Failed(AuditInput input, string format, long started, AuditError error) => new()
    {
        Path = input.DisplayPath,
        FullPath = input.FullPath,
        Entry = input.Entry?.ToString(),
        Format = format,
        Elapsed = Stopwatch.GetElapsedTime(started),
        Error = error,
    };

    private AuditError Unrecognised(ModelSource source) => source.IsDirectory
        ? new("MG.Input.NotAModelFolder", "the folder is not a SavedModel", null)
        : source.File.Length == 0 ? new("MG.Input.Empty", "the file is empty, or is no ordinary file (a pipe, a device)", 0)
        : formats.NoMatch(source) is var (id, message) ? new(id, message, null)
        : new("MG.Input.UnknownFormat", "the content is of no format that can be audited", 0);

    /// <summary>The record of a failure; null for cancellation. A defect of ours costs one file, not the audit: it has an id of its own, which tests refuse.</summary>
    private static AuditError? ErrorOf(Exception exception, ReadBudget? budget) => exception switch
    {
        OperationCanceledException when budget?.IsOutOfTime == true && budget.OutOfTime() is var end => new(end.Id, end.Message, null),
        ModelReadException e => new(e.Id, e.Message, e.Offset),
        FileNotFoundException or DirectoryNotFoundException => new("MG.Input.NotFound", "the file has disappeared", null),
        UnauthorizedAccessException => new("MG.Input.AccessDenied", "no right to read the file", null),
        PathTooLongException => new("MG.Input.PathTooLong", "the path is too long for this system", null),
        IOException e => new("MG.Input.Unreadable", e.Message, null),
        OutOfMemoryException => new("MG.Input.TooLarge", "the file's graph needs more memory than there is", null),
        OperationCanceledException => null,
        _ => new("MG.Internal.Defect", $"a defect in ModelGuidelines, please report it: {exception.GetType().Name}{PlaceOf(exception)}: {exception.Message}", null),
    };

    /// <summary>The method of ours where it arose; nothing where the runtime does not tell.</summary>
    private static string PlaceOf(Exception exception) =>
        exception.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains(" ModelGuidelines.", StringComparison.Ordinal)) is { } line
            && line.Split(' ', '(').FirstOrDefault(w => w.StartsWith("ModelGuidelines.", StringComparison.Ordinal)) is { } method ? $" in {method["ModelGuidelines.".Length..]}" : "";
}
