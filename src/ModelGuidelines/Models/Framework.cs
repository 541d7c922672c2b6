namespace ModelGuidelines.Models;

/// <summary>The framework a model was written in, whatever the file format.</summary>
public enum Framework
{
    /// <summary>The file does not say.</summary>
    Unknown,

    /// <summary>PyTorch: modules, <c>torch.nn</c>.</summary>
    PyTorch,

    /// <summary>Keras: layers, Keras 3, Keras 2 and tf.keras.</summary>
    Keras,
}
