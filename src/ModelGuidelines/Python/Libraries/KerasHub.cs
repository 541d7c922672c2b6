using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Libraries of Keras layers and models, where their files are not on the search path: KerasHub, KerasCV, KerasNLP, TensorFlow Addons, TensorFlow Hub.</summary>
internal sealed class KerasHub : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["keras_hub", "keras_cv", "keras_nlp", "tensorflow_addons", "tensorflow_hub"];

    public override bool IsReadFirst => true;

    public override IEnumerable<LibraryRow> Rows => [LibraryRow.Of("KerasLayer", (c, a) => c.NewObject("keras.layers.Other", a))];

    public override LibraryRow? Other(string name)
    {
        var parts = name.Split('.');
        return parts[0] switch
        {
            "layers" when parts.Length == 2 && char.IsAsciiLetterUpper(parts[1][0]) => LibraryRow.Of(name, (c, a) => c.NewObject("keras.layers.Other", a)),
            "models" when parts.Length >= 2 => parts[^1].EndsWith("Tokenizer", StringComparison.Ordinal) || parts[^1].EndsWith("Preprocessor", StringComparison.Ordinal) ? new(name, Returns.Unknown)
                : LibraryRow.Of(name, (c, a) => c.NewObject("keras.applications.Model", a)),
            "activations" or "text" or "image" or "seq2seq" => new(name, Returns.KerasTensor),
            "src" => null,
            _ => new(name, Returns.Unknown),
        };
    }
}
