using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <content>Products of matrices, and tensors that the code makes.</content>
internal static partial class ShapeRules
{
    private static IEnumerable<(string Name, ShapeRule Rule)> Products() =>
    [
        .. new[] { "matmul", "__matmul__", "bmm", "mm" }.Select(n => (n, new ShapeRule(c => Tensor(Product(c.Tensor(0, "input"), c.Tensor(1, n is "mm" or "bmm" ? "mat2" : "other")))))),
        .. new[] { "baddbmm", "addmm" }.Select(n => (n, new ShapeRule(c => Tensor(Product(c.Tensor(1, n is "addmm" ? "mat1" : "batch1"), c.Tensor(2, n is "addmm" ? "mat2" : "batch2")))))),
        ("linear", c => Tensor(c.Tensor(0, "input") is { Rank: > 0 } s && c.Tensor(1, "weight") is { Rank: 2 } w ? s.With(s.Rank - 1, w.Sizes[0]) : null)),
        ("scaled_dot_product_attention", c => Tensor(c.Tensor(0, "query") is { Rank: > 1 } q && c.Tensor(2, "value") is { } v && v.Rank == q.Rank ? q.With(q.Rank - 1, v.Sizes[^1]) : null)),
        ("einsum", c => Tensor(c.Given(0, "equation") is ConstantValue { Peek: string equation } ? Einsum(equation, c) : null)),
    ];

    private static IEnumerable<(string Name, ShapeRule Rule)> Makers() =>
    [
        .. Words("zeros ones empty rand randn").Select(n => (n, new ShapeRule(c => Made(c, 0)))),
        .. Words("new_zeros new_ones new_empty").Select(n => (n, new ShapeRule(c => Made(c, 1)))),
        ("full", c => c.Given(0, "size") is SequenceValue && c.Sizes(0, "size") is { } sizes ? Tensor(new(sizes)) : null),
        ("new_full", c => c.Given(1, "size") is SequenceValue && c.Sizes(1, "size") is { } sizes ? Tensor(new(sizes)) : null),
        ("arange", c => c.Arguments.Positional.Count == 1 && Size.Of(c.Arguments.Positional[0]) is { } size && size is UnknownValue && !c.IsGiven(-1, "start") && !c.IsGiven(-1, "step") ? Tensor(new([size])) : null),
        ("meshgrid", c => c.Given(-1, "indexing") is ConstantValue { Raw: "ij" } ? Grid(c) : null),
    ];

    private static TensorValue? Made(ShapeCall call, int position) => call.Sizes(position, "size") is { } sizes && sizes.All(s => Size.Known(s) is not < 0) ? Tensor(new(sizes)) : null;

    private static SequenceValue? Grid(ShapeCall call)
    {
        var tensors = call.Arguments.Positional is [SequenceValue { Rest: null } list] ? list.Items : call.Arguments.Positional;
        var shapes = tensors.ConvertAll(t => call.ShapeOf(t));
        return shapes.Count == 0 || shapes.Exists(s => s is not { Rank: 1 }) ? null : ShapeCall.Tuple(Enumerable.Repeat(new Shape(shapes.Select(s => s!.Sizes[0])), shapes.Count));
    }

    private static Shape? Product(Shape? left, Shape? right) =>
        left is { Rank: >= 2 } && right is { Rank: >= 2 } && Shape.Broadcast(new(left.Sizes[..^2]), new(right.Sizes[..^2])) is { } batch ? new([.. batch.Sizes, left.Sizes[^2], right.Sizes[^1]]) : null;

    /// <summary><c>bhnd,bhmd->bhnm</c>: each letter is a size.</summary>
    private static Shape? Einsum(string equation, ShapeCall call)
    {
        if (equation.Replace(" ", "", StringComparison.Ordinal).Split("->") is not [var inputs, var output] || !output.All(char.IsAsciiLetter))
        {
            return null;
        }

        var sizes = new Dictionary<char, Value>();
        var terms = inputs.Split(',');
        for (var i = 0; i < terms.Length; i++)
        {
            if (call.Tensor(i + 1, "") is not { } shape || shape.Rank != terms[i].Length || !terms[i].All(char.IsAsciiLetter))
            {
                return null;
            }

            for (var k = 0; k < shape.Rank; k++)
            {
                if (!sizes.TryGetValue(terms[i][k], out var known) || Size.Known(known) is null or 1)
                {
                    sizes[terms[i][k]] = known is not null && Size.Known(shape.Sizes[k]) is null ? known : shape.Sizes[k];
                }
            }
        }

        return output.All(sizes.ContainsKey) ? new(output.Select(c => sizes[c])) : null;
    }
}
