using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>One of several equal parts of an audit, each of which runs somewhere else. Every input belongs to exactly one of them.</summary>
/// <param name="Index">1-based.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Group">What the parts of one audit have in common, as the engine that starts them calls it; null where nobody said.</param>
public sealed record Shard(int Index, int Count, string? Group = null)
{
    /// <summary>The whole number of parts, for engines that do not tell it: Kubernetes, GNU parallel.</summary>
    public const string CountVariable = "MODELGUIDELINES_SHARDS";

    /// <summary>A part may cost this much more than the mean before files go to another.</summary>
    private const double Slack = 1.05;

    /// <summary>Reads <c>3/16</c>, or for <c>auto</c> what the engine that started this process says.</summary>
    /// <param name="text">As given.</param>
    /// <param name="variable">The value of an environment variable.</param>
    /// <exception cref="ModelReadException"><c>MG.Shard.*</c></exception>
    public static Shard Parse(string text, Func<string, string?> variable)
    {
        if (text == "auto")
        {
            return Auto(variable) ?? throw new ModelReadException("MG.Shard.Unknown", $"nothing tells which part this is: none of Azure Pipelines, GitHub (STRATEGY_JOB_INDEX and STRATEGY_JOB_TOTAL), GitLab, Slurm, Kubernetes or GNU parallel (with {CountVariable}) started this process; write --shard 3/16");
        }

        var parts = text.Split('/');
        return parts is [var index, var count] && Number(index) is { } i && Number(count) is { } n && i >= 1 && i <= n ? new(i, n)
            : throw new ModelReadException("MG.Shard.Bad", $"'{text}' is no part: write 3/16 for the third of sixteen, or auto");
    }

    private static Shard? Auto(Func<string, string?> variable)
    {
        int? Of(string name) => Number(variable(name));
        var total = Of(CountVariable);
        Shard? At(int? index, int? count, string? group) => index is { } i && count is { } n && i >= 1 && i <= n ? new(i, n, group) : null;
        return At(Of("SYSTEM_JOBPOSITIONINPHASE"), Of("SYSTEM_TOTALJOBSINPHASE"), variable("BUILD_BUILDID"))
            ?? At(Of("STRATEGY_JOB_INDEX") + 1, Of("STRATEGY_JOB_TOTAL"), variable("GITHUB_RUN_ID"))
            ?? At(Of("CI_NODE_INDEX"), Of("CI_NODE_TOTAL"), variable("CI_PIPELINE_ID"))
            ?? At(((Of("SLURM_ARRAY_TASK_ID") - (Of("SLURM_ARRAY_TASK_MIN") ?? 0)) / Math.Max(1, Of("SLURM_ARRAY_TASK_STEP") ?? 1)) + 1, Of("SLURM_ARRAY_TASK_COUNT"), variable("SLURM_ARRAY_JOB_ID"))
            ?? At(Of("JOB_COMPLETION_INDEX") + 1, total, variable("JOB_NAME"))
            ?? At(Of("PARALLEL_SEQ"), total, variable("PARALLEL_PID"));
    }

    /// <summary>The inputs of this part, with their places among all.</summary>
    /// <remarks>Each input has an order of parts by the hash of its name and goes to the first that is not full: so the parts cost about the same,
    /// and a file that is added moves few others. All parts must be given the same inputs.</remarks>
    public IReadOnlyList<(AuditInput Input, int Order)> Select(IReadOnlyList<AuditInput> inputs)
    {
        var costs = inputs.Select(i => CostOf(i.FullPath)).ToArray();
        var names = inputs.Select(i => Hash(i.DisplayPath.Replace('\\', '/'))).ToArray();
        var most = Math.Max(costs.Sum() / Count * Slack, costs.DefaultIfEmpty().Max());
        var loads = new double[Count];
        var own = new List<(AuditInput, int)>();

        // Costly ones first, by powers of two: what is small fills up what is left.
        foreach (var at in Enumerable.Range(0, inputs.Count).OrderByDescending(i => Math.ILogB(costs[i])).ThenBy(i => names[i]).ThenBy(i => inputs[i].DisplayPath, StringComparer.Ordinal))
        {
            var part = Enumerable.Range(0, Count).Where(p => loads[p] + costs[at] <= most).DefaultIfEmpty(-1).MaxBy(p => p < 0 ? 0 : Mix(names[at], (ulong)p));
            part = part < 0 ? Array.IndexOf(loads, loads.Min()) : part;
            loads[part] += costs[at];
            if (part == Index - 1)
            {
                own.Add((inputs[at], at));
            }
        }

        return [.. own.OrderBy(o => o.Item2)];
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    /// <summary>About the milliseconds that an audit takes, from what is measured a megabyte (docs/performance.md). Of a large model most is weights, which cost nothing.</summary>
    private static double CostOf(string path)
    {
        var bytes = FileStamp.Of(path)?.Length ?? 0;
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".py" => 0.5 + (Math.Min(bytes, 2 << 20) * 6e-3),
            ".onnx" => 0.5 + (Math.Min(bytes, 4 << 20) * 4e-5),
            _ => 1 + (Math.Min(bytes, 1 << 20) * 2e-6),
        };
    }

    private static ulong Hash(string name) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>The last step of MurmurHash3: each bit of the result depends on every bit of both.</summary>
    private static ulong Mix(ulong name, ulong part)
    {
        var x = name ^ ((part + 1) * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
