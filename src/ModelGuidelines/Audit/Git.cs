using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Asks git itself, whose rules for what is ignored or changed nobody else follows to the end.</summary>
/// <remarks>Nothing that a repository's own configuration names is run: no monitor, no hook, no filter, no external diff, no transport; and no folder is taken for a repository because it looks
/// like a bare one. Names come with NUL between them.</remarks>
internal static class Git
{
    /// <summary>Full paths of files and whole folders below a folder that git ignores; none outside of a work tree, or where there is no git.</summary>
    public static IReadOnlySet<string> Ignored(string folder, CancellationToken cancellation = default)
    {
        var ignored = new HashSet<string>(StringComparer.Ordinal);
        if (!IsInWorkTree(folder))
        {
            return ignored;
        }

        try
        {
            foreach (var name in Lines(folder, cancellation, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"))
            {
                ignored.Add(Path.TrimEndingDirectorySeparator(Path.GetFullPath(name, folder)));
            }
        }
        catch (ModelReadException)
        {
            ignored.Clear(); // a broken repository hides no model
        }

        ignored.Remove(Path.TrimEndingDirectorySeparator(folder)); // who names an ignored folder means it
        return ignored;
    }

    /// <summary>What git prints, split at NUL.</summary>
    /// <exception cref="ModelReadException"><c>MG.Git.NotFound</c>, <c>MG.Git.TimeLimit</c>, <c>MG.Git.Failed</c> with what git says.</exception>
    public static IEnumerable<string> Lines(string folder, CancellationToken cancellation, params string[] arguments) => Run(folder, cancellation, arguments).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What git prints.</summary>
    /// <exception cref="ModelReadException"><c>MG.Git.NotFound</c>, <c>MG.Git.TimeLimit</c>, <c>MG.Git.Failed</c> with what git says.</exception>
    public static string Run(string folder, CancellationToken cancellation, params string[] arguments) => Run(folder, Limit, [], cancellation, arguments);

    /// <summary>A git that waits (a share that does not answer, a lock, a helper that asks) is ended after so long.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The same with a limit and settings of its own.</summary>
    public static string Run(string folder, TimeSpan limit, IReadOnlyList<string> emptied, params string[] arguments) => Run(folder, limit, emptied, CancellationToken.None, arguments);

    /// <summary>The same until somebody asks to stop.</summary>
    public static string Run(string folder, TimeSpan limit, IReadOnlyList<string> emptied, CancellationToken cancellation, params string[] arguments)
    {
        cancellation.ThrowIfCancellationRequested();
        var command = Array.Find(arguments, a => !a.StartsWith('-') && !a.Contains('=', StringComparison.Ordinal));
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.external=", "-c", "core.pager=cat", "-c", "core.sshCommand=false", "-c", "safe.bareRepository=explicit" }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_NO_LAZY_FETCH"] = "1"; // what a partial clone lacks is not worth a connection
        start.Environment["GIT_ALLOW_PROTOCOL"] = "none"; // nor is one made by a git that does not know the line above

        // Of the hook in which this may run; the folder says which repository is meant.
        foreach (var variable in new[] { "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX" })
        {
            start.Environment.Remove(variable);
        }

        // Not as arguments: there a name ends at its first equals sign. Behind those of the user.
        var given = int.TryParse(Environment.GetEnvironmentVariable("GIT_CONFIG_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        for (var i = 0; i < emptied.Count; i++)
        {
            start.Environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{given + i}")] = emptied[i];
            start.Environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{given + i}")] = emptied[i].EndsWith(".required", StringComparison.Ordinal) ? "false" : "";
        }

        if (emptied.Count > 0)
        {
            start.Environment["GIT_CONFIG_COUNT"] = (given + emptied.Count).ToString(CultureInfo.InvariantCulture);
        }

        try
        {
            using var git = Process.Start(start)!;
            git.StandardInput.Close();
            var error = git.StandardError.ReadToEndAsync();
            var output = git.StandardOutput.ReadToEndAsync();
            var hasEnded = false;
            try
            {
                hasEnded = Task.WaitAll([output, error, git.WaitForExitAsync(CancellationToken.None)], (int)limit.TotalMilliseconds, cancellation);
            }
            finally
            {
                if (!hasEnded)
                {
                    git.Kill(entireProcessTree: true);
                }
            }

            if (!hasEnded)
            {
                throw new ModelReadException("MG.Git.TimeLimit", string.Create(CultureInfo.InvariantCulture, $"git {command}: it has not ended after {limit.TotalSeconds:0} s, and was ended"));
            }

            return git.ExitCode == 0 ? output.GetAwaiter().GetResult() : throw new ModelReadException("MG.Git.Failed", $"git {command}: {error.GetAwaiter().GetResult().Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new ModelReadException("MG.Git.NotFound", $"git is needed and cannot be started: {e.Message}");
        }
    }

    /// <summary>What a command prints that reads files, split at NUL: without the filters which the repository's own configuration defines; those of the user or the machine stay, such as Git LFS.</summary>
    /// <exception cref="ModelReadException"><c>MG.Git.NotFound</c>, <c>MG.Git.TimeLimit</c>, <c>MG.Git.Failed</c> with what git says.</exception>
    public static IEnumerable<string> Unfiltered(string folder, CancellationToken cancellation, params string[] arguments) => Run(folder, Limit, OwnFilters(folder, cancellation), cancellation, arguments).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static List<string> OwnFilters(string folder, CancellationToken cancellation)
    {
        try
        {
            // Scope NUL key NUL ...
            return [.. Lines(folder, cancellation, "config", "--show-scope", "--name-only", "-z", "--includes", "--get-regexp", @"^filter\.").Chunk(2).Where(p => p is ["local" or "worktree", _]).Select(p => p[1]).Distinct(StringComparer.Ordinal)];
        }
        catch (ModelReadException e) when (e.Id == "MG.Git.Failed")
        {
            return []; // none is defined
        }
    }

    /// <summary>A name as it is that git printed in quotes, for its letters or control characters; null where it is in none.</summary>
    /// <remarks>The form of <c>core.quotePath</c>: a C string with three octal digits for each byte of UTF-8.</remarks>
    public static string? Unquoted(string name)
    {
        if (name is not ['"', .., '"'] || name.Length < 2)
        {
            return null;
        }

        var bytes = new List<byte>();
        for (var i = 1; i < name.Length - 1; i++)
        {
            if (name[i] != '\\')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(name, i, char.IsHighSurrogate(name[i]) ? 2 : 1));
                i += char.IsHighSurrogate(name[i]) ? 1 : 0;
            }
            else if (name.AsSpan(i + 1) is [>= '0' and <= '3', >= '0' and <= '7', >= '0' and <= '7', ..])
            {
                bytes.Add((byte)(((name[i + 1] - '0') << 6) | ((name[i + 2] - '0') << 3) | (name[i + 3] - '0')));
                i += 3;
            }
            else
            {
                i++;
                var escape = "abtnvfr\"\\".IndexOf(name[i], StringComparison.Ordinal);
                if (escape < 0)
                {
                    return null;
                }

                bytes.Add("\a\b\t\n\v\f\r\"\\"u8[escape]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>Whether a folder lies in a work tree.</summary>
    public static bool IsInWorkTree(string folder) => WorkTreeOf(folder) is not null;

    /// <summary>The root of the innermost work tree around a folder; null where there is none.</summary>
    public static string? WorkTreeOf(string? folder)
    {
        while (folder is not null && !Path.Exists(Path.Join(folder, ".git")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }
}
