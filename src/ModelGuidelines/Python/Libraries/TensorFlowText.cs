using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>TensorFlow Text: what cuts text into numbers before a model sees it. It calls no layer, and what it gives is tensors.</summary>
internal sealed class TensorFlowText : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["tensorflow_text"];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Tokenizer", ClassKind.Plain)
        {
            Methods =
            [
                .. LibraryRow.For("tokenize detokenize split join string_to_id id_to_string lookup vocab_size normalize trim get_selectable select generate_mask_and_values get_mask_values detokenize_with_offsets", Returns.KerasTensor),
                .. LibraryRow.For("tokenize_with_offsets split_with_offsets normalize_with_offsets", Returns.Unknown).Select(r => r with { Function = (c, a) => Keras.Several(c, a) }),
            ],
        },
    ];

    public override LibraryRow? Other(string name) => char.IsAsciiLetterUpper(name[(name.LastIndexOf('.') + 1)..][0]) ? LibraryRow.Of(name, (c, _) => c.NewObject("tensorflow_text.Tokenizer", new()))
        : name is "mask_language_model" or "pad_model_inputs" or "combine_segments" ? LibraryRow.Of(name, (c, a) => Keras.Several(c, a)) : new(name, Returns.KerasTensor);
}
