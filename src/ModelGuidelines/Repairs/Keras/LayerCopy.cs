using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>A layer of the repaired model, and the layer of the original whose weights it has. A plan lists every layer of the repaired model,
/// unchanged ones too: splitting a layer changes the depth of others, and by that their order.</summary>
/// <remarks>The list has containers before what they hold, and each container's layers in the order in which Keras will have them after loading.</remarks>
/// <param name="Original">Path of the object's first entry in the original model: <c>encoder/dense</c>; "" is the model. Keras 3 stores the weights there.</param>
/// <param name="Entry">Path of the entry that was copied: another one than <paramref name="Original"/> where one object stood in two containers.</param>
/// <param name="New">Path in the repaired model: <c>encoder_2/dense_3</c>.</param>
/// <param name="ClassName">As in the config.</param>
/// <param name="Position">Among its container's layers, from 0; input layers and operations count.</param>
/// <param name="Kind">What it holds. Of wrappers too, the layers inside follow.</param>
internal sealed record LayerCopy(string Original, string Entry, string New, string ClassName, int Position, KerasLayerKind Kind)
{
    /// <summary>Whether it is an operation of Keras 3 (<c>keras.src.ops</c>), which is no layer: it is in the config's <c>layers</c>, but not in the model's.</summary>
    public bool IsOperation { get; init; }

    /// <summary>Whether it is a further use, whose weights are to be copied.</summary>
    public bool IsCopy { get; init; }

    public bool IsInput => ClassName is "InputLayer";
}
