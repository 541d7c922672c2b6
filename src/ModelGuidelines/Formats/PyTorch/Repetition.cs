namespace ModelGuidelines.Formats.PyTorch;

/// <summary>Finds a pattern that repeats.</summary>
internal static class Repetition
{
    /// <summary>The length of the shortest pattern of which the whole sequence is a repetition; its own length when it is none. Linear time.</summary>
    public static int Period<T>(IReadOnlyList<T> sequence)
        where T : IEquatable<T>
    {
        // Knuth-Morris-Pratt: the longest border of the sequence gives its period.
        var n = sequence.Count;
        var border = new int[n];
        for (var i = 1; i < n; i++)
        {
            var k = border[i - 1];
            while (k > 0 && !sequence[i].Equals(sequence[k]))
            {
                k = border[k - 1];
            }

            border[i] = sequence[i].Equals(sequence[k]) ? k + 1 : k;
        }

        var period = n == 0 ? 0 : n - border[n - 1];
        return period > 0 && n % period == 0 ? period : n;
    }
}
