namespace ModelGuidelines.Python.Flow;

/// <summary>The branches that the running code stands in, the innermost first: code in two arms of one branch never runs together, however much of their conditions is followed.</summary>
/// <param name="Branch">A number for each time that a branch is followed.</param>
/// <param name="Arm">Which of its arms.</param>
/// <param name="Outer">The branch that it stands in.</param>
internal sealed record Way(int Branch, int Arm, Way? Outer)
{
    /// <summary>Whether two places stand in different arms of a branch.</summary>
    public static bool Exclude(Way? a, Way? b)
    {
        while (a is not null && b is not null)
        {
            // Branches inside others have the larger numbers.
            switch (a.Branch.CompareTo(b.Branch))
            {
                case > 0:
                    a = a.Outer;
                    break;
                case < 0:
                    b = b.Outer;
                    break;
                default:
                    if (a.Arm != b.Arm)
                    {
                        return true;
                    }

                    (a, b) = (a.Outer, b.Outer);
                    break;
            }
        }

        return false;
    }
}
