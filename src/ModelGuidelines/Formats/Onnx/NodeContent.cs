using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What a node says. Texts of values, attributes and metadata that stand in several nodes are one object: a graph may have hundreds of thousands of nodes.</summary>
internal sealed record NodeContent
{
    public string Name { get; init; } = "";

    public string OpType { get; init; } = "";

    public string Domain { get; init; } = "";

    public string DocString { get; init; } = "";

    /// <summary>Names of values; not to be changed in place.</summary>
    public string[] Input { get; set; } = [];

    /// <summary>Names of values; not to be changed in place.</summary>
    public string[] Output { get; set; } = [];

    public AttributeProto[] Attribute { get; init; } = [];

    /// <summary>Those that readers ask for.</summary>
    public MetadataEntry[] Metadata { get; set; } = [];

    /// <summary>A node in a body or a function.</summary>
    /// <exception cref="Storage.ModelReadException">Its metadata are damaged.</exception>
    public static NodeContent Of(NodeProto node) => new()
    {
        Name = node.Name,
        OpType = node.OpType,
        Domain = node.Domain,
        DocString = node.DocString,
        Input = [.. node.Input],
        Output = [.. node.Output],
        Attribute = [.. node.Attribute],
        Metadata = node.MetadataProps.Count == 0 ? [] : [.. node.MetadataProps.Select(m => MetadataEntry.Read(m.Span)).OfType<MetadataEntry>()],
    };
}
