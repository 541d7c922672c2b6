namespace ModelGuidelines.Formats.Onnx;

/// <summary>How many dimensions a value has, where the nodes before it tell: the TorchScript-based exporter writes no shapes of values.</summary>
internal sealed class ValueRanks(OnnxFacts facts, OnnxWeights weights)
{
    /// <summary>A convolution, a pooling or an input is rarely farther away.</summary>
    private const int MaximumSteps = 64;

    private Dictionary<string, OnnxNode>? _producers;
    private Dictionary<string, int?>? _listed;

    /// <summary>The rank, or null.</summary>
    public int? Find(string value)
    {
        if (_producers is null)
        {
            _producers = new(StringComparer.Ordinal);
            foreach (var node in facts.Nodes)
            {
                foreach (var output in node.Proto.Output)
                {
                    _producers.TryAdd(output, node);
                }
            }
        }

        for (var step = 0; step < MaximumSteps; step++)
        {
            if (!_producers.TryGetValue(value, out var node))
            {
                return (_listed ??= Listed()).GetValueOrDefault(value);
            }

            var inputs = node.Proto.Input;
            switch (node.OpType)
            {
                case "Conv" or "ConvTranspose" or "MaxPool" or "AveragePool":
                    return node.Attribute("kernel_shape") is { Ints.Count: > 0 and var spatial } ? spatial + 2 : null;
                case "Transpose":
                    return node.Attribute("perm") is { Ints.Count: > 0 and var rank } ? rank : null;
                case "Gemm" or "Flatten":
                    return 2;
                case "Relu" or "LeakyRelu" or "PRelu" or "Elu" or "Selu" or "Celu" or "Sigmoid" or "HardSigmoid" or "HardSwish" or "Tanh" or "Softplus" or "Softmax" or "Gelu" or "Mish" or "Erf" or "Clip"
                    or "Sqrt" or "Exp" or "Abs" or "Neg" or "Identity" or "Dropout" or "Cast" or "Pad" or "Resize" or "Concat" or "Slice" or "GlobalAveragePool" or "BatchNormalization" or "InstanceNormalization" or "LayerNormalization":
                case "MatMul" when inputs.Length == 2 && weights.Find(inputs[1]) is { Dimensions.Length: 2 }:
                    break;
                case "Add" or "Sub" or "Mul" or "Div" when inputs.Length == 2:
                    value = IsConstant(inputs[0]) ? inputs[1] : inputs[0];
                    continue;
                default:
                    return null;
            }

            if (inputs.Length == 0)
            {
                return null;
            }

            value = inputs[0];
        }

        return null;
    }

    private Dictionary<string, int?> Listed()
    {
        var ranks = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (var value in facts.Model.Graph.Values)
        {
            ranks.TryAdd(value.Name, value.Rank);
        }

        foreach (var input in facts.Model.Graph.Inputs)
        {
            ranks.TryAdd(input.Name, input.Rank);
        }

        return ranks;
    }

    private bool IsConstant(string value) => weights.Find(value) is not null || _producers!.GetValueOrDefault(value)?.OpType == "Constant";
}
