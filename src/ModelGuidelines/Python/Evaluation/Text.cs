using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Texts of constants.</summary>
internal static class Text
{
    /// <summary>As <c>str()</c> writes it; null where that is Python's business.</summary>
    public static string? Of(ConstantValue constant) => constant.Raw switch
    {
        null => "None",
        string s => s,
        long l => l.ToString(System.Globalization.CultureInfo.InvariantCulture),
        bool b => b ? "True" : "False",
        double d when d == Math.Floor(d) && Math.Abs(d) < 1e15 => d.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture),
        double d => d.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
