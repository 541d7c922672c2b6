using System.Globalization;
using System.Text;

namespace ModelGuidelines.Repairs;

/// <summary>A unified diff of two texts that <c>git apply</c> and <c>patch</c> accept.</summary>
/// <remarks>Lines end at line feeds alone, as git has it: carriage returns, form feeds and byte order marks are part of their lines.</remarks>
internal static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>Beyond this many differing lines the way between is not the shortest any more: all old lines, then all new ones.</summary>
    private const int Effort = 4000;

    /// <summary>The diff, or "" for equal texts.</summary>
    /// <param name="name">The file's name, with slashes.</param>
    /// <param name="old">The text before.</param>
    /// <param name="changed">The text after.</param>
    public static string Create(string name, string old, string changed)
    {
        var (a, b) = (Lines(old), Lines(changed));
        var script = Script(a, b);
        var diff = new StringBuilder();
        for (var i = 0; i < script.Count;)
        {
            if (script[i].Kind == ' ')
            {
                i++;
                continue;
            }

            // Up to where more lines are equal than two contexts hold.
            var from = Math.Max(0, i - Context);
            var (end, equal) = (i, 0);
            while (end < script.Count && equal <= 2 * Context)
            {
                equal = script[end++].Kind == ' ' ? equal + 1 : 0;
            }

            end -= Math.Max(0, equal - Context);
            Hunk(diff, script, from, end, a, b);
            i = end;
        }

        return diff.Length == 0 ? "" : $"diff --git {Quoted("a/" + name)} {Quoted("b/" + name)}\n--- {Named("a/" + name)}\n+++ {Named("b/" + name)}\n{diff}";
    }

    private static void Hunk(StringBuilder diff, List<(char Kind, int Old, int New)> script, int from, int end, List<string> a, List<string> b)
    {
        var part = script.GetRange(from, end - from);
        var (old, now) = (part.Count(l => l.Kind != '+'), part.Count(l => l.Kind != '-'));

        // A range without lines is named by the line before it.
        diff.Append(CultureInfo.InvariantCulture, $"@@ -{part[0].Old + (old == 0 ? 0 : 1)},{old} +{part[0].New + (now == 0 ? 0 : 1)},{now} @@\n");
        foreach (var (kind, i, j) in part)
        {
            var line = kind == '+' ? b[j] : a[i];
            diff.Append(kind).Append(line);
            if (!line.EndsWith('\n'))
            {
                diff.Append("\n\\ No newline at end of file\n");
            }
        }
    }

    /// <summary>The shortest way from one list of lines to the other. Source: Myers, An O(ND) Difference Algorithm and Its Variations, 1986.</summary>
    private static List<(char Kind, int Old, int New)> Script(List<string> a, List<string> b)
    {
        var start = 0;
        while (start < a.Count && start < b.Count && a[start] == b[start])
        {
            start++;
        }

        var tail = 0;
        while (tail < a.Count - start && tail < b.Count - start && a[^(tail + 1)] == b[^(tail + 1)])
        {
            tail++;
        }

        var (n, m) = (a.Count - start - tail, b.Count - start - tail);
        var middle = new List<(char, int, int)>();
        var traces = Traces(a, b, start, n, m);
        if (traces is null)
        {
            middle.AddRange(Enumerable.Range(0, n).Select(i => ('-', start + i, start)));
            middle.AddRange(Enumerable.Range(0, m).Select(j => ('+', start + n, start + j)));
        }
        else
        {
            var (x, y) = (n, m);
            for (var d = traces.Count - 1; d >= 0; d--)
            {
                var v = traces[d];
                var k = x - y;
                var down = k == -d || (k != d && At(v, d, k - 1) < At(v, d, k + 1));
                var fromK = down ? k + 1 : k - 1;
                var fromX = d == 0 ? 0 : At(v, d, fromK);
                var fromY = d == 0 ? 0 : fromX - fromK;
                while (x > fromX && y > fromY)
                {
                    middle.Add((' ', start + --x, start + --y));
                }

                if (d > 0)
                {
                    middle.Add(down ? ('+', start + x, start + --y) : ('-', start + --x, start + y));
                }
            }

            middle.Reverse();
        }

        return
        [
            .. Enumerable.Range(0, start).Select(i => (' ', i, i)),
            .. middle,
            .. Enumerable.Range(0, tail).Select(i => (' ', a.Count - tail + i, b.Count - tail + i)),
        ];
    }

    /// <summary>How far each diagonal came before each step; null where that is too far.</summary>
    private static List<int[]>? Traces(List<string> a, List<string> b, int start, int n, int m)
    {
        var traces = new List<int[]>();
        var reached = new Dictionary<int, int> { [1] = 0 };
        for (var d = 0; d <= n + m; d++)
        {
            if (d > Effort)
            {
                return null;
            }

            var trace = new int[(2 * d) + 3];
            for (var k = -d - 1; k <= d + 1; k++)
            {
                trace[k + d + 1] = reached.GetValueOrDefault(k, -1);
            }

            traces.Add(trace);
            for (var k = -d; k <= d; k += 2)
            {
                var x = k == -d || (k != d && reached.GetValueOrDefault(k - 1, -1) < reached.GetValueOrDefault(k + 1, -1)) ? reached[k + 1] : reached[k - 1] + 1;
                while (x < n && x - k < m && a[start + x] == b[start + x - k])
                {
                    x++;
                }

                reached[k] = x;
                if (x >= n && x - k >= m)
                {
                    return traces;
                }
            }
        }

        return traces;
    }

    private static int At(int[] trace, int d, int k) => trace[k + d + 1];

    /// <summary>Lines with their ends.</summary>
    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[at..end]);
            at = end;
        }

        return lines;
    }

    /// <summary>As git writes names of the lines before hunks: one with a blank ends with a tab.</summary>
    private static string Named(string name) => Quoted(name) is var quoted && quoted == name && name.Contains(' ', StringComparison.Ordinal) ? name + "\t" : quoted;

    private static string Quoted(string name)
    {
        if (!name.Any(c => c is '"' or '\\' || char.IsControl(c)))
        {
            return name;
        }

        var text = new StringBuilder("\"");
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            _ = value switch
            {
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)value),
                < 0x20 or >= 0x7F => text.Append('\\').Append(Convert.ToString(value, 8).PadLeft(3, '0')),
                _ => text.Append((char)value),
            };
        }

        return text.Append('"').ToString();
    }
}
