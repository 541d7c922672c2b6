namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Numbers of the fields that a repair reads or writes. Source: onnx.proto, IR version 13.</summary>
internal static class OnnxFields
{
    public const int ModelIrVersion = 1;
    public const int ModelGraph = 7;
    public const int ModelFunctions = 25;

    public const int GraphNode = 1;
    public const int GraphName = 2;
    public const int GraphInitializer = 5;
    public const int GraphInput = 11;
    public const int GraphOutput = 12;
    public const int GraphValueInfo = 13;
    public const int GraphSparseInitializer = 15;
    public const int GraphMetadata = 16;

    public const int FunctionName = 1;
    public const int FunctionInput = 4;
    public const int FunctionOutput = 5;
    public const int FunctionNode = 7;
    public const int FunctionDomain = 10;

    public const int NodeInput = 1;
    public const int NodeOutput = 2;
    public const int NodeName = 3;
    public const int NodeOpType = 4;
    public const int NodeAttribute = 5;
    public const int NodeDomain = 7;
    public const int NodeDocumentation = 6;
    public const int NodeOverload = 8;
    public const int NodeMetadata = 9;

    public const int AttributeGraph = 6;
    public const int AttributeGraphs = 11;

    public const int FunctionDocumentation = 8;
    public const int FunctionOverload = 13;

    public const int TensorName = 8;
    public const int TensorExternalData = 13;

    public const int ValueInfoName = 1;

    public const int EntryKey = 1;
    public const int EntryValue = 2;
}
