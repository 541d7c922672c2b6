namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>What Python's json module writes beyond JSON: <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c> (bounds of dynamic shapes before torch 2.6).</summary>
internal static class PythonJson
{
    /// <summary>The same text as JSON, byte for byte as long: an infinite number becomes one that is too large, NaN becomes 0.</summary>
    public static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("Infinity"u8) < 0 && json.IndexOf("NaN"u8) < 0)
        {
            return json;
        }

        var copy = json.ToArray();
        for (var i = 0; i < copy.Length; i++)
        {
            switch (copy[i])
            {
                case (byte)'"':
                    for (i++; i < copy.Length && copy[i] != '"'; i++)
                    {
                        i += copy[i] == '\\' ? 1 : 0;
                    }

                    break;
                case (byte)'I' when copy.AsSpan(i).StartsWith("Infinity"u8):
                    "1e999999"u8.CopyTo(copy.AsSpan(i));
                    break;
                case (byte)'N' when copy.AsSpan(i).StartsWith("NaN"u8):
                    "0  "u8.CopyTo(copy.AsSpan(i));
                    break;
            }
        }

        return copy;
    }
}
