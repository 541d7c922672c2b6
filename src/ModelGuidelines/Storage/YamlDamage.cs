using YamlDotNet.Core;

namespace ModelGuidelines.Storage;

/// <summary>What the YAML library throws at a text that is none: it has an exception of its own, and for some characters others, which are no defect of whoever asks.</summary>
internal static class YamlDamage
{
    public static bool Is(Exception e) => e is YamlException or InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException;
}
