using ModelGuidelines.Guidelines;
using ModelGuidelines.Repairs.Hdf5;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>What a file keeps of an optimizer beside the model's weights: values for each trained weight, in the order of the old model's.</summary>
/// <remarks>Source: Optimizer.load_own_variables and LossScaleOptimizer.load_own_variables of keras.src and tf_keras; hdf5_format.py for <c>optimizer_weights</c>.</remarks>
internal static class OptimizerState
{
    // The number of steps and the learning rate, which belong to no weight.
    private const int OwnVariables = 2;

    /// <summary>Why the file would not load with more weights than its optimizer knows; null when it would.</summary>
    public static string? Problem(Hdf5Node root) => root.Find("optimizer")?.Find("inner_optimizer") is null ? null
        : "the file holds the state of a loss scale optimizer, which Keras does not load for a model with further weights: save the model without its optimizer (include_optimizer=False), or repair the source";

    /// <summary>What is said of an optimizer's state that does not fit the repaired model's weights; nothing where there is none.</summary>
    /// <param name="root">Of the weights, or of the whole file.</param>
    /// <param name="hasCopies">Whether weights were copied.</param>
    public static IEnumerable<LeftFinding> Left(Hdf5Node root, bool hasCopies)
    {
        if (hasCopies && (root.Find("optimizer")?.Find("vars")?.Links.Count > OwnVariables || root.Find("optimizer_weights")?.Links.Count > 0))
        {
            yield return new(new LayerReuse().Descriptor.Id, null, "the optimizer's state is that of the model before: it has no values for the copied weights, so Keras starts the optimizer anew when training goes on");
        }
    }
}
