using System.Buffers;
using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Store;

/// <summary>A store in a database.</summary>
public sealed class AuditStore : IAuditStore
{
    /// <summary>Records that wait: what a process that is killed loses of its work.</summary>
    private const int MostWaiting = 64;
    private const string FindFile = "SELECT id FROM files WHERE path = @a AND digest = @b";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeptOfOtherBuilds = TimeSpan.FromDays(30);
    private readonly Database _database;
    private readonly DbConnection _connection;
    private readonly TimeProvider _clock;
    private readonly object _lock = new();
    private readonly List<(string Key, byte[] Record)> _waiting = [];
    private long _flushed;

    /// <summary>Another build may say something else of the same file, and asks for records of its own.</summary>
    private static string Build => typeof(AuditMemory).Module.ModuleVersionId.ToString();

    private AuditStore(Database database, DbConnection connection, TimeProvider clock) => (_database, _connection, _clock, _flushed) = (database, connection, clock, clock.GetTimestamp());

    /// <summary>Opens a store, which is made where there is none and brought to this version's schema.</summary>
    /// <param name="name">A file, or a connection string or address of a PostgreSQL server.</param>
    /// <exception cref="ModelReadException"><c>MG.Store.*</c></exception>
    public static AuditStore Open(string name) => Open(name, TimeProvider.System);

    /// <summary>Opens a store to read what it holds: a file that is not there is none, and none is made.</summary>
    /// <param name="name">A file, or a connection string or address of a PostgreSQL server.</param>
    /// <exception cref="ModelReadException"><c>MG.Store.*</c></exception>
    public static AuditStore OpenKept(string name) =>
        IsFile(name) && !File.Exists(name) ? throw new ModelReadException("MG.Store.NotFound", $"there is no store '{name}'; an audit with this store makes it") : Open(name);

    /// <summary>Whether a name is that of a file, and not of a server.</summary>
    public static bool IsFile(string name) => Database.Of(name).IsFile;

    internal static AuditStore Open(string name, TimeProvider clock)
    {
        var database = Database.Of(name);
        return database.Opening(() =>
        {
            var connection = database.Open();
            try
            {
                Schema.Update(database, connection);
                return new AuditStore(database, connection, clock);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> keys)
    {
        lock (_lock)
        {
            return _database.Do(() =>
            {
                using var command = _database.WhereIn(_connection, "SELECT key, record FROM audits", "key", keys);
                using var reader = command.ExecuteReader();
                var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
                while (reader.Read())
                {
                    found[reader.GetString(0)] = (byte[])reader[1];
                }

                return found;
            });
        }
    }

    /// <inheritdoc/>
    public void Keep(string key, byte[] record)
    {
        lock (_lock)
        {
            _waiting.Add((key, record));
            if (_waiting.Count >= MostWaiting || _clock.GetElapsedTime(_flushed) > Patience)
            {
                Flush();
            }
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                // In the order of the keys: two runs that keep the same do not wait for each other in a circle. What cannot be kept is audited again, and not tried twice.
                var now = Time(_clock.GetUtcNow());
                var records = _waiting.GroupBy(w => w.Key, StringComparer.Ordinal).Select(g => g.Last()).OrderBy(w => w.Key, StringComparer.Ordinal).ToList();
                _waiting.Clear();
                Write(t =>
                {
                    using var command = Command(t, "INSERT INTO audits (key, record, recorded_at, build) VALUES (@a, @b, @c, @d) ON CONFLICT (key) DO UPDATE SET record = excluded.record, recorded_at = excluded.recorded_at", "", Array.Empty<byte>(), now, Build);
                    foreach (var (key, record) in records)
                    {
                        command.Parameters[0].Value = key;
                        command.Parameters[1].Value = record;
                        command.ExecuteNonQuery();
                    }

                    return 0;
                });
            }

            _flushed = _clock.GetTimestamp();
        }
    }

    /// <inheritdoc/>
    public long Begin(RunRecord run) => Write(t => Number(
        t,
        "INSERT INTO runs (started_at, repository, folder, host, shard, run_group, tool_version) VALUES (@a, @b, @c, @d, @e, @f, @g) RETURNING id",
        Time(run.Started), run.Repository, run.Folder, run.Host, run.Shard, run.Group, ToolInfo.Version)!.Value);

    /// <inheritdoc/>
    public void Report(long run, IReadOnlyCollection<AuditResult> results)
    {
        var text = new ArrayBufferWriter<byte>(1 << 16);
        foreach (var lot in results.Chunk(200))
        {
            Write(t =>
            {
                // What is asked and written of each file is made once for all.
                using var find = Command(t, FindFile, "", "");
                using var note = Command(t, "INSERT INTO run_files (run_id, file_id) VALUES (@a, @b) ON CONFLICT DO NOTHING", run, 0L);

                // In one order, for the same reason.
                foreach (var (result, digest) in lot.Select(r => (Result: r, Digest: ResultDigest.Of(r, text))).OrderBy(r => r.Result.Path, StringComparer.Ordinal).ThenBy(r => r.Digest, StringComparer.Ordinal))
                {
                    find.Parameters[0].Value = Value(result.Path);
                    find.Parameters[1].Value = digest;
                    note.Parameters[1].Value = Number(find) ?? FileOf(t, result, digest);
                    note.ExecuteNonQuery();
                }

                return 0;
            });
        }
    }

    /// <inheritdoc/>
    public void End(long run, ReportSummary summary, int reused)
    {
        Flush();
        var (sum, now) = (summary, _clock.GetUtcNow());
        Write(t => Execute(t, "DELETE FROM audits WHERE build <> @a AND recorded_at < @b", Build, Time(now - KeptOfOtherBuilds)));
        Write(t => Execute(
            t,
            "UPDATE runs SET finished_at = @b, files = @c, clean = @d, violating = @e, unreadable = @f, errors = @g, warnings = @h, information = @i, undecided = @j, suppressed = @k, reused = @l WHERE id = @a",
            run, Time(now), sum.Files, sum.Clean, sum.Violating, sum.Unreadable, sum.Errors, sum.Warnings, sum.Information, sum.Undecidable, sum.Suppressed, reused));
    }

    /// <summary>Runs, the latest first.</summary>
    public ImmutableArray<StoredRun> Runs(string? repository = null, int count = 20)
    {
        lock (_lock)
        {
            return _database.Do(() =>
            {
                using var command = Command(null, "SELECT id, started_at, finished_at, repository, host, shard, run_group, files, errors, warnings, information, undecided, unreadable, reused FROM runs WHERE @a = '' OR repository = @a ORDER BY id DESC LIMIT @b", repository ?? "", count);
                using var reader = command.ExecuteReader();
                var runs = ImmutableArray.CreateBuilder<StoredRun>();
                while (reader.Read())
                {
                    int N(int i) => reader.IsDBNull(i) ? 0 : Convert.ToInt32(reader[i], CultureInfo.InvariantCulture);
                    runs.Add(new(reader.GetInt64(0), When(reader.GetString(1))!.Value, reader.IsDBNull(2) ? null : When(reader.GetString(2)), reader.GetString(3), reader.GetString(4), Text(reader, 5), Text(reader, 6), N(7), N(8), N(9), N(10), N(11), N(12), N(13)));
                }

                return runs.ToImmutable();
            });
        }
    }

    /// <summary>How many findings of each guideline the latest runs had, the earliest run first; of the view <c>guideline_trend</c>.</summary>
    public ImmutableArray<TrendLine> Trend(string? repository = null, int runs = 20)
    {
        lock (_lock)
        {
            return _database.Do(() =>
            {
                using var command = Command(
                    null,
                    "SELECT run_id, started_at, guideline, severity, findings, files FROM guideline_trend WHERE run_id IN (SELECT id FROM runs WHERE finished_at IS NOT NULL AND (@a = '' OR repository = @a) ORDER BY id DESC LIMIT @b) ORDER BY run_id, guideline, severity",
                    repository ?? "", runs);
                using var reader = command.ExecuteReader();
                var lines = ImmutableArray.CreateBuilder<TrendLine>();
                while (reader.Read())
                {
                    lines.Add(new(reader.GetInt64(0), When(reader.GetString(1))!.Value, reader.GetString(2), reader.GetString(3), Convert.ToInt32(reader[4], CultureInfo.InvariantCulture), Convert.ToInt32(reader[5], CultureInfo.InvariantCulture)));
                }

                return lines.ToImmutable();
            });
        }
    }

    /// <summary>What a run found, as far as a comparison needs it.</summary>
    public IReadOnlyList<AuditResult> Results(long run)
    {
        lock (_lock)
        {
            return _database.Do(() =>
            {
                var findings = new Dictionary<string, List<Finding>>(StringComparer.Ordinal);
                using (var command = Command(null, "SELECT path, guideline, fingerprint, place, severity, confidence, module, location_file, line, message, recommendation, format FROM run_findings WHERE run_id = @a ORDER BY path, fingerprint", run))
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        (findings.TryGetValue(reader.GetString(0), out var list) ? list : findings[reader.GetString(0)] = []).Add(new()
                        {
                            Path = reader.GetString(0),
                            Guideline = reader.GetString(1),
                            Fingerprint = reader.GetString(2),
                            Place = reader.GetString(3),
                            Severity = Enum.Parse<Severity>(reader.GetString(4)),
                            Confidence = Enum.Parse<Confidence>(reader.GetString(5)),
                            Module = Text(reader, 6),
                            Location = Text(reader, 7) is { } file ? new(file, Convert.ToInt32(reader[8], CultureInfo.InvariantCulture)) : null,
                            Message = reader.GetString(9),
                            Recommendation = Text(reader, 10),
                            Format = reader.GetString(11),
                        });
                    }
                }

                using var files = Command(null, "SELECT f.path, f.format, f.error_id, f.error_message FROM run_files rf JOIN files f ON f.id = rf.file_id WHERE rf.run_id = @a ORDER BY f.path", run);
                using var rows = files.ExecuteReader();
                var results = new List<AuditResult>();
                while (rows.Read())
                {
                    findings.Remove(rows.GetString(0), out var own);
                    results.Add(new() { Path = rows.GetString(0), Format = rows.GetString(1), Error = Text(rows, 2) is { } id ? new(id, rows.GetString(3), null) : null, Findings = [.. own ?? []] });
                }

                return results;
            });
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                Flush();
            }
            catch (ModelReadException)
            {
                // What cannot be kept is audited again.
            }

            _connection.Dispose();
        }
    }

    /// <summary>Writes a file of which these results are not known yet.</summary>
    private long FileOf(DbTransaction t, AuditResult result, string digest)
    {
        if (Number(
            t,
            "INSERT INTO files (path, digest, entry, format, framework, exporter, error_id, error_message) VALUES (@a, @b, @c, @d, @e, @f, @g, @h) ON CONFLICT (path, digest) DO NOTHING RETURNING id",
            result.Path, digest, result.Entry, result.Format, result.Framework.ToString(), result.Exporter, result.Error?.Id, result.Error?.Message) is not { } file)
        {
            return Number(t, FindFile, result.Path, digest)!.Value; // another run wrote it meanwhile
        }

        foreach (var outcome in result.Guidelines.DistinctBy(g => g.Guideline))
        {
            Execute(t, "INSERT INTO outcomes (file_id, guideline, outcome, reason) VALUES (@a, @b, @c, @d)", file, outcome.Guideline, outcome.Outcome.ToString(), outcome.Reason);
        }

        for (var i = 0; i < result.Findings.Length; i++)
        {
            var f = result.Findings[i];
            var place = Number(t, "SELECT id FROM places WHERE path = @a AND guideline = @b AND fingerprint = @c AND place = @d", f.Path, f.Guideline, f.Fingerprint, f.Place)
                ?? Number(t, "INSERT INTO places (path, guideline, fingerprint, place) VALUES (@a, @b, @c, @d) ON CONFLICT (path, guideline, fingerprint, place) DO UPDATE SET place = excluded.place RETURNING id", f.Path, f.Guideline, f.Fingerprint, f.Place);
            Execute(
                t,
                "INSERT INTO findings (file_id, ordinal, place_id, severity, confidence, module, operator, line, location_file, instance_count, external, message, recommendation) VALUES (@a, @b, @c, @d, @e, @f, @g, @h, @i, @j, @k, @l, @m)",
                file, i, place, f.Severity.ToString(), f.Confidence.ToString(), f.Module, f.Operator, f.Location?.Line, f.Location?.File, f.InstanceCount, f.External ? 1 : 0, f.Message, f.Recommendation);
        }

        return file;
    }

    private T Write<T>(Func<DbTransaction, T> work)
    {
        lock (_lock)
        {
            return _database.Do(() =>
            {
                using var transaction = _database.BeginWrite(_connection);
                var result = work(transaction);
                transaction.Commit();
                return result;
            });
        }
    }

    private int Execute(DbTransaction t, string text, params object?[] values)
    {
        using var command = Command(t, text, values);
        return command.ExecuteNonQuery();
    }

    private long? Number(DbTransaction t, string text, params object?[] values)
    {
        using var command = Command(t, text, values);
        return Number(command);
    }

    private static long? Number(DbCommand command) => command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;

    private static object Value(object? value) => value switch { null => DBNull.Value, string s => s.Replace("\0", "\\u0000", StringComparison.Ordinal), _ => value };

    /// <summary>A command with its values as @a, @b, ...; no database takes NUL in a text.</summary>
    private DbCommand Command(DbTransaction? t, string text, params object?[] values)
    {
        var command = _connection.CreateCommand();
        command.Transaction = t;
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@{(char)('a' + i)}";
            parameter.Value = Value(values[i]);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? When(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}

/// <summary>What a finished run found of one guideline at one severity.</summary>
/// <param name="Run">Its number.</param>
/// <param name="Started">When.</param>
/// <param name="Guideline">The guideline's id.</param>
/// <param name="Severity">Of the findings.</param>
/// <param name="Findings">How many.</param>
/// <param name="Files">In how many files.</param>
public sealed record TrendLine(long Run, DateTimeOffset Started, string Guideline, string Severity, int Findings, int Files);

/// <summary>A run in numbers.</summary>
public sealed record StoredRun(
    long Id, DateTimeOffset Started, DateTimeOffset? Finished, string Repository, string Host, string? Shard, string? Group,
    int Files, int Errors, int Warnings, int Information, int Undecided, int Unreadable, int Reused);
