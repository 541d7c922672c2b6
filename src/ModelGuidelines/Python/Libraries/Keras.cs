using System.Collections.Frozen;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Keras, wherever it is imported from: what is no layer and no model. A call on a tensor of a graph gives a tensor of that graph.</summary>
internal sealed class Keras : PythonLibrary
{
    /// <summary>Parts in which nothing is a layer, a model or a tensor of one.</summary>
    private static readonly FrozenSet<string> Aside =
        "callbacks config constraints datasets distribution dtype_policies export initializers losses metrics optimizers preprocessing quantizers regularizers saving tree utils visualization wrappers backend_config mixed_precision legacy estimator experimental premade_models"
            .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public override IReadOnlyList<string> Prefixes => ["keras"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["tensorflow.keras."] = "keras.",
        ["tensorflow.python.keras."] = "keras.",
        ["tensorflow.compat.v1.keras."] = "keras.",
        ["tensorflow.compat.v2.keras."] = "keras.",
        ["tf_keras."] = "keras.",
        ["keras_core."] = "keras.",
        ["keras.api."] = "keras.",
        ["keras._tf_keras.keras."] = "keras.",
        ["keras.src."] = "keras.",
        ["keras.engine."] = "keras.models.",
        ["keras.models.training."] = "keras.models.",
        ["keras.models.model."] = "keras.models.",
        ["keras.models.functional."] = "keras.models.",
        ["keras.models.sequential."] = "keras.models.",
        ["keras.models.base_layer.Layer"] = "keras.layers.Layer",
        ["keras.models.Model"] = "keras.Model",
        ["keras.models.Functional"] = "keras.Model",
        ["keras.Functional"] = "keras.Model",
        ["keras.models.Sequential"] = "keras.Sequential",
        ["keras.layers.layer.Layer"] = "keras.layers.Layer",
        ["keras.Layer"] = "keras.layers.Layer",
        ["keras.layers.Input"] = "keras.Input",
        ["keras.layers.experimental.preprocessing."] = "keras.layers.",
        ["keras.layers.experimental."] = "keras.layers.",
        ["keras.layers.core."] = "keras.layers.",
        ["keras.layers.convolutional."] = "keras.layers.",
        ["keras.layers.pooling."] = "keras.layers.",
        ["keras.layers.normalization."] = "keras.layers.",
        ["keras.layers.merge."] = "keras.layers.",
        ["keras.layers.merging."] = "keras.layers.",
        ["keras.layers.recurrent."] = "keras.layers.",
        ["keras.layers.rnn."] = "keras.layers.",
        ["keras.layers.embeddings."] = "keras.layers.",
        ["keras.layers.advanced_activations."] = "keras.layers.",
        ["keras.layers.wrappers."] = "keras.layers.",
        ["keras.layers.attention."] = "keras.layers.",
        ["keras.layers.reshaping."] = "keras.layers.",
        ["keras.layers.regularization."] = "keras.layers.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What code tells Keras: the order of axes, the type of numbers.</summary>
    public const string Format = "keras.format";

    /// <summary>Whether the file sets what Keras otherwise has as installed: the order of axes, the type of numbers.</summary>
    public static bool SetsFormat(Place place) => place.Module?.SetsKerasFormat == true;

    /// <summary>Whether what is called by such a name, with inputs and outputs, is Keras' class of models, handed in by whoever runs the file.</summary>
    public static bool IsModel(string text, CallArguments arguments) => text.EndsWith(".Model", StringComparison.Ordinal)
        && (arguments.Positional.Count >= 2 || (arguments.Find("inputs") is not null && arguments.Find("outputs") is not null));

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("Input", (_, a) => new GraphTensor(null) { Shape = KerasShapes.OfInput(a, v => v) }),
        LibraryRow.Of("models.clone_model", (c, a) => a.Find(0, "model") is { } model ? c.Copy(model) : null),
        .. new[] { "models.load_model", "saving.load_model", "models.model_from_json", "models.model_from_config", "models.model_from_yaml", "layers.TFSMLayer" }.Select(n => LibraryRow.Of(n, (c, a) => c.NewObject("keras.Model", new()))),
        .. LibraryRow.Decorators(
            "saving.register_keras_serializable utils.register_keras_serializable utils.custom_object_scope saving.custom_object_scope remat RematScope name_scope backend.name_scope utils.legacy.deprecated utils.CustomObjectScope"),
        .. LibraryRow.For("utils.set_random_seed utils.plot_model backend.clear_session mixed_precision.set_global_policy config.set_dtype_policy backend.set_learning_phase", Returns.None),
        .. LibraryRow.For("backend.backend config.backend config.dtype_policy utils.get_registered_name", Returns.Text),

        .. new[] { "backend.set_image_data_format", "backend.set_floatx", "config.set_image_data_format", "config.set_floatx" }.Select(n => LibraryRow.Of(n, (c, _) =>
        {
            c.Tell(Format);
            return ConstantValue.None;
        })),

        // As Keras is installed; ~/.keras/keras.json may say otherwise.
        .. new[] { "backend.", "config." }.SelectMany(n => new[] { LibraryRow.Of(n + "image_data_format", (c, _) => SetsFormat(c.Place) || c.IsTold(Format) ? null : ConstantValue.Of("channels_last"), Returns.Text), LibraryRow.Of(n + "floatx", (c, _) => SetsFormat(c.Place) || c.IsTold(Format) ? null : ConstantValue.Of("float32"), Returns.Text) }),
        .. LibraryRow.For("backend.is_keras_tensor utils.is_keras_tensor config.is_flash_attention_enabled backend.learning_phase ops.is_tensor", Returns.Boolean),
        .. new[] { "backend.int_shape", "ops.shape" }.Select(n => LibraryRow.Of(n, (_, a) => a.Positional is [var x] ? KerasShapes.Written(x, v => v) : null, Returns.Numbers)),
        .. LibraryRow.For("backend.epsilon backend.ndim ops.ndim ops.size config.epsilon", Returns.Number),
        .. LibraryRow.For("random.SeedGenerator utils.get_file utils.get_custom_objects utils.get_source_inputs KerasTensor Variable InputSpec layers.InputSpec DTypePolicy", Returns.Unknown),

        // Several tensors, each of the same call.
        .. LibraryRow.For("ops.split ops.unstack ops.meshgrid ops.array_split", Returns.Unknown).Select(r => r with { Function = (c, a) => Several(c, a) }),
        .. LibraryRow.For("ops.top_k ops.moments ops.qr ops.eigh ops.slogdet ops.rfft ops.fft ops.fft2 ops.stft", Returns.Unknown).Select(r => r with { Function = (c, a) => Pair(c, a) }),
        LibraryRow.Of("activations.get", (_, a) => a.Find(0, "identifier") switch
        {
            ConstantValue { IsNone: true } => new ExternalValue("keras.activations.linear"),
            ConstantValue { Peek: string name } => new ExternalValue("keras.activations." + name),
            FunctionValue or ExternalValue or ObjectValue or PartialValue or BoundValue => a.Find(0, "identifier"),
            _ => new ExternalValue("keras.activations.linear"),
        }),
        .. Trees.Functions("tree.", "map_structure"),
        .. new[] { "ops.map", "ops.vectorized_map" }.Select(n => LibraryRow.Of(n, (c, a) => Trees.MapElements(c, a))),

        // One of two functions runs.
        LibraryRow.Of("ops.cond", TensorFlow.Cond),
        .. GraphLoops.OfKeras,
    ];

    /// <summary>Functions of tensors; builders of finished models; and what stands aside.</summary>
    public override LibraryRow? Other(string name)
    {
        var parts = name.Split('.');
        var last = parts[^1];
        switch (parts[0])
        {
            case "ops" or "activations" or "backend" or "random" or "layers" or "nn" when last.Length > 0 && (char.IsAsciiLetterLower(last[0]) || last[0] == '_'):
                return new(name, Returns.KerasTensor);
            case "applications" when parts.Length > 1:
                return char.IsAsciiLetterUpper(last[0]) ? LibraryRow.Of(name, (c, a) => c.NewObject("keras.applications.Model", a))
                    : new(name, last is "decode_predictions" ? Returns.Unknown : Returns.KerasTensor);
            default:
                return Aside.Contains(parts[0]) || (parts is [var only] && char.IsAsciiLetterLower(only[0])) ? new(name, Returns.Unknown) : null;
        }
    }

    /// <summary>Two tensors, of a graph while one is built.</summary>
    public static SequenceValue Pair(ILibraryContext context, CallArguments arguments) => SequenceValue.Tuple(context.Result(Returns.KerasTensor, arguments), context.Result(Returns.KerasTensor, arguments));

    /// <summary>As many tensors as the call says, else one that can be unpacked into any number.</summary>
    public static Value Several(ILibraryContext context, CallArguments arguments)
    {
        var count = (arguments.Find("num_or_size_splits") ?? arguments.Find(1, "indices_or_sections")) switch
        {
            ConstantValue { Raw: long and > 0 and < 1_000 and var n } => (int)n,
            SequenceValue { Rest: null } sizes => sizes.Items.Count + (context.Name.Contains(".ops.", StringComparison.Ordinal) ? 1 : 0),
            _ => 0,
        };
        var inputs = arguments.All.SelectMany(context.GraphTensors).ToList();
        return count > 0 && !context.Name.EndsWith("meshgrid", StringComparison.Ordinal) && !context.Name.EndsWith("unstack", StringComparison.Ordinal)
            ? SequenceValue.List(Enumerable.Range(0, count).Select(i => inputs.Count > 0 ? context.NewGraphTensor(null, inputs, KerasShapes.OfPart(context.Name, arguments, i)) : context.Result(Returns.KerasTensor, arguments)))
            : SequenceValue.Open(SequenceKind.List, context.Result(Returns.KerasTensor, arguments));
    }
}
