using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit.Memory;

/// <summary>What earlier runs found in files that are as they were: these files are not audited again.</summary>
/// <remarks>A file is as it was when all that its reader asked of the disk is: size and time of each file, and where these differ, or are so young that a write may have
/// gone unseen, the bytes that were read, which of a model are never its weights; and no file where there was none. Thread-safe.</remarks>
public sealed class AuditMemory
{
    /// <summary>Times of files are that coarse on some systems.</summary>
    private static readonly long Doubt = TimeSpan.FromSeconds(2).Ticks;

    /// <summary>Texts that records share; more are hardly those of many files.</summary>
    private const int MostTexts = 1 << 14;
    private readonly IAuditStore _store;
    private readonly string _folder;
    private readonly string _repository;
    private readonly ConcurrentBag<TextPool> _texts = [];
    private int _reused;
    private volatile ModelReadException? _failure;

    /// <param name="store">Where records are kept.</param>
    /// <param name="folder">Where the run stands; a full path. Records of files below it are found again from another place of the same repository.</param>
    /// <param name="cancellation">Ends the wait for git.</param>
    public AuditMemory(IAuditStore store, string folder, CancellationToken cancellation = default) => (_store, _folder, _repository) = (store, Path.TrimEndingDirectorySeparator(folder), RepositoryOf(folder, cancellation));

    public IAuditStore Store => _store;

    /// <summary>Why the store is not used any more: another program does not let go of it, its disk is full; null while it is. An audit goes on without it.</summary>
    public ModelReadException? Failure => _failure;

    /// <summary>Does something with the store. Once it has failed it is not asked again, since each time may be a minute.</summary>
    /// <returns>What it answers; <paramref name="otherwise"/> where it does not.</returns>
    public T Ask<T>(Func<IAuditStore, T> question, T otherwise)
    {
        if (_failure is not null)
        {
            return otherwise;
        }

        try
        {
            return question(_store);
        }
        catch (ModelReadException e)
        {
            _failure = e;
            return otherwise;
        }
    }

    /// <summary>Gives something to the store, as <see cref="Ask"/> does.</summary>
    public void Tell(Action<IAuditStore> message) => Ask(
        store =>
        {
            message(store);
            return true;
        },
        false);

    /// <summary>What is known of a run of this memory that begins.</summary>
    public RunRecord Run(DateTimeOffset started, string? shard, string? group) => new(started, _repository, _folder, Environment.MachineName, shard, group);

    /// <summary>Files that were not audited again.</summary>
    public int Reused => _reused;

    /// <summary>A name of what lies in a folder, the same wherever it is checked out: where git fetches it from, with the way to the folder; else the folder.</summary>
    public static string RepositoryOf(string folder, CancellationToken cancellation = default)
    {
        try
        {
            var prefix = Git.IsInWorkTree(folder) ? Git.Run(folder, cancellation, "rev-parse", "--show-prefix").Trim() : null;
            if (prefix is not null && Git.Run(folder, cancellation, "config", "--get", "remote.origin.url").Trim() is { Length: > 0 } url)
            {
                // Never what somebody signs in with.
                var plain = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? url.Replace(uri.UserInfo + "@", "", StringComparison.Ordinal) : url;
                return prefix.Length == 0 ? plain : $"{plain}/{prefix.TrimEnd('/')}";
            }
        }
        catch (ModelReadException)
        {
            // no origin, or no git
        }

        return Path.TrimEndingDirectorySeparator(folder);
    }

    /// <summary>Fetches what is kept of these inputs.</summary>
    internal Recollection Recall(IReadOnlyCollection<AuditInput> inputs, AuditSettings settings)
    {
        var asked = KeyOf(settings);
        var keys = new Dictionary<AuditInput, string>(inputs.Count, ReferenceEqualityComparer.Instance);
        using var text = new MemoryStream(512);
        using var key = new BinaryWriter(text);
        var searched = (Folder: (string?)null, Within: ""); // the same for all of a search
        foreach (var input in inputs.Where(IsKept))
        {
            searched = input.SearchedFolder is null ? (null, "") : input.SearchedFolder == searched.Folder ? searched : (input.SearchedFolder, Path.GetRelativePath(_folder, input.SearchedFolder));
            text.SetLength(0);
            key.Write(asked);
            key.Write(Within(input.FullPath));
            key.Write(input.DisplayPath);
            key.Write(searched.Within); // where other packages are sought
            key.Write(input.IsGuess);
            key.Flush();
            keys[input] = Convert.ToHexString(SHA256.HashData(text.GetBuffer().AsSpan(0, (int)text.Length)));
        }

        return new(this, keys, keys.Count > 0 ? Ask(s => s.Find([.. keys.Values]), ImmutableDictionary<string, byte[]>.Empty) : ImmutableDictionary<string, byte[]>.Empty);
    }

    private AuditRecord? Read(byte[] bytes)
    {
        var texts = _texts.TryTake(out var known) ? known : new();
        var record = AuditRecord.Read(bytes, texts);
        if (texts.Count < MostTexts)
        {
            _texts.Add(texts);
        }

        return record;
    }

    private static bool IsKept(AuditInput input) => input.Error is null && input.Handle is null && input.Entry is null;

    /// <summary>What all audits of a run depend on besides the disk.</summary>
    private byte[] KeyOf(AuditSettings settings)
    {
        using var text = new MemoryStream();
        using var key = new BinaryWriter(text);
        key.Write(typeof(AuditMemory).Module.ModuleVersionId.ToByteArray()); // of this very build
        key.Write(_repository);
        foreach (var list in new[] { settings.Guidelines, settings.ExcludedGuidelines, settings.ExcludedModules, settings.IncludedRoles, settings.DefinedClasses, [.. settings.SearchPath.Select(Within)] })
        {
            key.Write(list.Length);
            list.ToList().ForEach(key.Write);
        }

        key.Write(string.Create(CultureInfo.InvariantCulture, $"{settings.MinimumSeverity} {settings.AbsolutePaths} {settings.EveryInstance} {settings.Pictures} {settings.Limits}"));
        key.Write(settings.AbsolutePaths ? _folder : "");
        key.Flush();
        return SHA256.HashData(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    /// <summary>A full path without the folder, where it lies in it.</summary>
    private string Within(string path) => path.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path[(_folder.Length + 1)..].Replace('\\', '/') : path;

    /// <summary>The full path; of the input the text that is there already, since the times of all files are held.</summary>
    private string Full(string path, AuditInput input) => Path.GetFullPath(path, _folder) is var full && full == input.FullPath ? input.FullPath : full;

    /// <summary>What is kept of some inputs.</summary>
    internal sealed class Recollection(AuditMemory memory, Dictionary<AuditInput, string> keys, IReadOnlyDictionary<string, byte[]> records)
    {
        /// <summary>Whether the file is as it was; then what was found in it, null for no model.</summary>
        public bool Recalls(AuditInput input, ReaderCache cache, RolesLeftOut? leftOut, out AuditResult? result)
        {
            result = null;
            if (!keys.TryGetValue(input, out var key) || !records.TryGetValue(key, out var bytes) || memory.Read(bytes)?.WithPaths(p => memory.Full(p, input)) is not { } record)
            {
                return false;
            }

            var (paths, states) = (cache.Get<KnownPaths>(), cache.Get<FileStates>());
            if (!record.Seen.All(s => s.Stamp is null ? !paths.Exists(s.Path) : s.Ranges is null ? paths.Exists(s.Path) : states.IsAsItWas(s, record.Recorded - Doubt)))
            {
                return false;
            }

            Renew(key, record, states);
            foreach (var role in record.Roles)
            {
                leftOut?.Add(role[0], role[1], role[2]);
            }

            Interlocked.Increment(ref memory._reused);
            result = record is { Result: { } found, Digest: { } digest } ? ResultDigest.Know(found, digest) : record.Result;
            return true;
        }

        /// <summary>Where bytes had to be asked, for a file of another time or one that was young, the record gets what spares that next time.</summary>
        private void Renew(string key, AuditRecord record, FileStates states)
        {
            if (record.Seen.Any(s => s.Ranges is not null && !states.IsSure(s, record.Recorded - Doubt)))
            {
                var seen = record.Seen.Select(s => s.Ranges is null ? s : s with { Stamp = states.StampOf(s.Path) }).ToImmutableArray();
                if (seen.All(s => s.Ranges is null || states.IsSure(s, states.Began - Doubt)))
                {
                    memory.Tell(s => s.Keep(key, (record with { Seen = seen, Recorded = states.Began }).WithPaths(memory.Within).ToBytes()));
                }
            }
        }

        /// <summary>Keeps what was found now, where another audit of the same bytes would find the same.</summary>
        /// <returns>What was found, with its digest where that is kept.</returns>
        public AuditResult? Keep(AuditInput input, AuditResult? result, FileTrace trace, RolesLeftOut roles)
        {
            if (keys.TryGetValue(input, out var key) && trace.Seen is { } seen && (result?.Error is null || IsOfTheFile(result.Error)))
            {
                var record = new AuditRecord([.. seen], DateTime.UtcNow.Ticks, result, [.. roles.Entries.Select(e => ImmutableArray.Create(e.Role, e.File, e.Class))], result is null ? null : ResultDigest.Of(result, new()));
                memory.Tell(s => s.Keep(key, record.WithPaths(memory.Within).ToBytes()));
                result = record.Digest is { } digest ? ResultDigest.Know(result!, digest) : result;
            }

            return result;
        }

        /// <summary>Whether an error is the file's, and not the machine's or ours.</summary>
        private static bool IsOfTheFile(AuditError error) => !error.Id.StartsWith("MG.Internal.", StringComparison.Ordinal)
            && error.Id is not ("MG.Input.NotFound" or "MG.Input.AccessDenied" or "MG.Input.PathTooLong" or "MG.Input.Unreadable" or "MG.Input.TooLarge");
    }
}

/// <summary>Whether files are as a record has them: each is asked once in a run. Thread-safe.</summary>
internal sealed class FileStates
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, FileStamp?> _stamps = new(StringComparer.Ordinal);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(string Path, FileStamp Stamp, string Ranges), string?> _hashes = new();

    /// <summary>Ticks: whatever is found here was so later.</summary>
    public long Began { get; } = DateTime.UtcNow.Ticks;

    /// <summary>Size and time of a file in this run.</summary>
    public FileStamp? StampOf(string path) => _stamps.GetOrAdd(path, static p => FileStamp.Of(p));

    /// <summary>Whether size and time tell that a file is as it was.</summary>
    /// <param name="seen">What was read.</param>
    /// <param name="sure">Ticks; a file that was last written before is sure to be as it was when size and time are.</param>
    public bool IsSure(SeenFile seen, long sure) => StampOf(seen.Path) is { } stamp && stamp == seen.Stamp && stamp.Written < sure;

    /// <summary>Whether size and time, or else the bytes that were read, tell that a file is as it was.</summary>
    /// <param name="seen">What was read.</param>
    /// <param name="sure">As of <see cref="IsSure"/>.</param>
    public bool IsAsItWas(SeenFile seen, long sure) => IsSure(seen, sure)
        || (StampOf(seen.Path) is { } stamp && stamp.Length == seen.Stamp!.Value.Length
            && _hashes.GetOrAdd((seen.Path, stamp, string.Join(',', seen.Ranges!)), static (k, s) => FileTrace.HashOf(s.Path, s.Ranges!), seen) == seen.Hash);
}
