namespace ModelGuidelines.Audit.Configuration;

/// <summary>What somebody may have meant.</summary>
internal static class Spelling
{
    /// <summary>The name with the fewest letters to change; of equals the first.</summary>
    public static string Nearest(string given, IReadOnlyCollection<string> names) => names.MinBy(n => Distance(given.ToUpperInvariant(), n.ToUpperInvariant())) ?? "";

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
