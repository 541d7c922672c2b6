using System.Text;
using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>Splits nodes in which an optimizer put several calls: a convolution with the activation behind it keeps the convolution's name,
/// and its output the activation's.</summary>
internal static class FusedNodes
{
    /// <summary>Whether a node's own name, or its output's, tells that an optimizer put it together from others.</summary>
    public static bool IsFused(OnnxNode node) => node.Name.StartsWith('/')
        && (ScopeForm.Node(node.Name) != node.Name || (node.Proto.Output.Length > 0 && ScopeForm.ProducerOf(node.Proto.Output[0]) is { IsEmpty: false } producer && !ScopeForm.Names(producer, node.OpType)));

    /// <param name="nodes">As a tool wrote them.</param>
    /// <param name="lost">Receives activations whose place no name tells.</param>
    public static List<OnnxNode> Split(List<OnnxNode> nodes, List<OnnxNode> lost)
    {
        var result = new List<OnnxNode>(nodes.Count);
        foreach (var node in nodes)
        {
            var proto = node.Proto;
            var value = proto.Output.Length > 0 ? ScopeForm.Producer(proto.Output[0]) : null;
            var name = ScopeForm.Node(proto.Name);

            // Some tools name a node after its output, before they fuse more into it.
            if (name is null && ScopeForm.Producer(proto.Name) is { } named && named != value)
            {
                (name, value) = value is null ? (null, named) : (named, value);
            }

            if (proto.OpType == "QuickGelu" && proto.Input.Length > 0 && proto.Output.Length > 0)
            {
                AddQuickGelu(result, node, value ?? name ?? "");
                continue;
            }

            var activation = Activation(proto);
            if (name is null && value is not null && activation is not null && ScopeForm.Operator(value) == activation)
            {
                // The activation's place is known, the operator's before it is not.
                AddPair("", proto.OpType, value, activation);
                continue;
            }

            // A node that was only renamed, as by a repair, has its new name.
            if (name is null || value is null || ScopeForm.Operator(name) == ScopeForm.Operator(value))
            {
                Add(proto, name ?? value ?? proto.Name, proto.OpType);
                if (activation is not null && (value is null || ScopeForm.Operator(value) != activation))
                {
                    lost.Add(node with { Proto = new NodeContent { OpType = activation, Name = proto.Name } });
                }

                continue;
            }

            var last = ScopeForm.Operator(value);
            var first = ScopeForm.Operator(name) is var written && written.Length > 0 && proto.OpType == last && written != last ? written : proto.OpType;
            if (SameScope(name, value) && (first == last || (last is "Add" && first is "Gemm" or "MatMul" or "Conv")))
            {
                Add(proto, value, proto.OpType);
                continue;
            }

            AddPair(name, first, value, last);

            void AddPair(string firstName, string firstType, string secondName, string secondType)
            {
                var between = (firstName.Length == 0 ? secondName : firstName) + "_fused_output_0";
                Add(proto with { Output = [between] }, firstName, firstType);
                Add(new NodeContent { Input = [between], Output = proto.Output }, secondName, secondType);
            }

            void Add(NodeContent content, string called, string opType)
            {
                result.Add(ReferenceEquals(content, node.Proto) && content.Name == called && content.OpType == opType ? node : node with { Proto = content with { Name = called, OpType = opType } });
            }
        }

        return result;
    }

    /// <summary>x * sigmoid(alpha * x), as the exporter wrote it.</summary>
    private static void AddQuickGelu(List<OnnxNode> result, OnnxNode node, string name)
    {
        var scope = name.Length == 0 ? null : name[..name.LastIndexOf('/')];
        var input = node.Proto.Input[0];
        var gated = input;
        if (node.Attribute("alpha") is not { F: 1 })
        {
            gated = name + "_scaled";
            result.Add(node with { Proto = new NodeContent { Name = scope is null ? "" : $"{scope}/Mul", OpType = "Mul", Input = [input, name + "_alpha"], Output = [gated] } });
        }

        result.Add(node with { Proto = new NodeContent { Name = scope is null ? "" : $"{scope}/Sigmoid", OpType = "Sigmoid", Input = [gated], Output = [name + "_gate"] } });
        result.Add(node with { Proto = new NodeContent { Name = name, OpType = "Mul", Input = [input, name + "_gate"], Output = [node.Proto.Output[0]] } });
    }

    private static bool SameScope(string a, string b) => a.AsSpan(0, a.LastIndexOf('/')).SequenceEqual(b.AsSpan(0, b.LastIndexOf('/')));

    private static string? Activation(NodeContent node)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.Name == "activation" && attribute.S.Length is > 0 and < 64)
            {
                return Encoding.UTF8.GetString(attribute.S.Span);
            }
        }

        return null;
    }
}
