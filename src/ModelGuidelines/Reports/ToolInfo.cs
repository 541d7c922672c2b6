namespace ModelGuidelines.Reports;

/// <summary>What reports say of the tool itself.</summary>
public static class ToolInfo
{
    public const string Name = "ModelGuidelines";

    public static readonly Uri Home = new("https://github.com/ModelGuidelines/ModelGuidelines");

    public static string Version { get; } = typeof(ToolInfo).Assembly.GetName().Version!.ToString(3);
}
