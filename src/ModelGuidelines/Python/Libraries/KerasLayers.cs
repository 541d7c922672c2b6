using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Layers and models of Keras.</summary>
internal sealed class KerasLayers : PythonLibrary
{
    private const string Layer = "keras.layers.Layer";

    private const string Plain =
        """
        Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization CategoryEncoding
        CenterCrop Concatenate Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Convolution1D Convolution2D Convolution3D Convolution2DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense DepthwiseConv1D
        DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten FlaxLayer GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D
        GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention HashedCrossing Hashing Identity
        IntegerLookup JaxLayer LayerNormalization LeakyReLU LocallyConnected1D LocallyConnected2D Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram
        Minimum MixUp Multiply Normalization PReLU Permute RMSNormalization RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip
        RandomFourierFeatures RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation
        RandomWidth RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D Softmax Solarization SpatialDropout1D
        SpatialDropout2D SpatialDropout3D StringLookup Subtract SyncBatchNormalization TextVectorization ThresholdedReLU TorchModuleWrapper UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D
        ZeroPadding3D SimpleRNNCell GRUCell LSTMCell DenseFeatures Other InputLayer
        """;

    public override IReadOnlyList<string> Prefixes => ["keras"];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("layers.Layer", ClassKind.KerasLayer)
        {
            IsAbstract = true,
            Output = Returns.KerasTensor,
            Attributes =
            [
                .. "output input".Split(' ').Select(n => (n, Returns.KerasTensor)),
                .. "trainable built supports_masking stateful".Split(' ').Select(n => (n, Returns.Boolean)),
                .. "dtype dtype_policy compute_dtype variable_dtype input_spec".Split(' ').Select(n => (n, Returns.Unknown)),
                .. "weights trainable_weights non_trainable_weights variables trainable_variables losses metrics".Split(' ').Select(n => (n, Returns.Unknown)),
                ("input_shape", Returns.Numbers), ("output_shape", Returns.Numbers), ("name", Returns.Text), ("kernel", Returns.KerasTensor), ("bias", Returns.Unknown), ("embeddings", Returns.KerasTensor),
            ],
            Construct = Named,
            Methods =
            [
                .. LibraryRow.For("build add_loss add_metric add_update set_weights load_own_variables save_own_variables load_weights save_weights adapt _set_dtype_policy build_from_config _set_save_spec quantize", Returns.None),
                .. LibraryRow.For("compute_output_shape", Returns.Numbers),
                .. LibraryRow.For("count_params", Returns.Number),
                .. LibraryRow.For("get_config get_weights from_config compute_mask compute_dtype compute_output_spec get_build_config reset_states get_input_at get_output_at", Returns.Unknown),
            ],
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["add_weight"] = (_, _, _) => new ParameterValue(),
                ["get_config"] = (c, _, _) => new DictValue { Rest = c.Unknown("the config", "what the base class keeps is not followed") },
            }.ToFrozenDictionary(StringComparer.Ordinal),
        },
        .. LibraryClass.For(Plain, ClassKind.KerasLayer, Returns.KerasTensor, Layer).Select(c => c with { Name = "layers." + c.Name }),
        .. LibraryClass.For("LSTM GRU SimpleRNN RNN CuDNNLSTM CuDNNGRU ConvLSTM1D ConvLSTM2D ConvLSTM3D", ClassKind.KerasLayer, Returns.KerasTensor, Layer).Select(c => c with { Name = "layers." + c.Name, Forward = WithState }),
        .. LibraryClass.For("MultiHeadAttention GroupedQueryAttention", ClassKind.KerasLayer, Returns.KerasTensor, Layer).Select(c => c with
        {
            Name = "layers." + c.Name,
            Forward = (context, _, a) => a.Find("return_attention_scores") is { } asked && context.Truth(asked) is not false ? Keras.Pair(context, a) : null,
            Construct = Attention,
            Methods = [.. LibraryRow.For("_build_from_signature _build_attention", Returns.None), .. LibraryRow.For("_compute_attention_mask", Returns.KerasTensor)],
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["_masked_softmax"] = (c, self, a) => CallPart(c, self, "_softmax", a.Find(0, "attention_scores")),
                ["_compute_attention"] = (c, self, a) =>
                {
                    var scores = CallPart(c, self, "_softmax", a.Find(0, "query"));
                    return SequenceValue.Tuple(CallPart(c, self, "_dropout_layer", scores), scores);
                },
            }.ToFrozenDictionary(StringComparer.Ordinal),
        }),

        new("layers." + LibraryRow.AnyName, ClassKind.KerasLayer) { Base = Layer, Output = Returns.KerasTensor },
        new("layers.AbstractRNNCell", ClassKind.KerasLayer) { Base = Layer, IsAbstract = true, Output = Returns.Unknown },

        // They hold a layer.
        .. LibraryClass.For("Wrapper Bidirectional SpectralNormalization StackedRNNCells", ClassKind.KerasLayer, Returns.KerasTensor, Layer).Select(c => c with { Name = "layers." + c.Name, Construct = Wrapped }),
        new("layers.Lambda", ClassKind.KerasLayer)
        {
            Base = Layer,
            Output = Returns.KerasTensor,
            Construct = (context, self, a) =>
            {
                context.SetAttribute(self, "function", a.Find(0, "function") ?? ConstantValue.None);
                context.SetAttribute(self, "arguments", a.Find("arguments") ?? ConstantValue.None);
                return Named(context, self, a);
            },
            Forward = CallFunction,
        },
        new("layers.TimeDistributed", ClassKind.KerasLayer)
        {
            Base = Layer,
            Output = Returns.KerasTensor,
            Construct = Wrapped,
            Forward = (context, self, a) => self.Attributes.Find("layer") is { } layer && context.IsForward ? context.Call(layer, CallArguments.Of([.. a.Positional.Take(1)])) : null,
        },

        new("Model", ClassKind.KerasModel) { Base = Layer, Output = Returns.KerasTensor, Construct = Functional, Functions = ModelMethods, Methods = Training },
        new("Sequential", ClassKind.KerasModel) { Base = "keras.Model", Output = Returns.KerasTensor, Construct = Sequence, Forward = InOrder, Functions = SequentialMethods },
        new("applications.Model", ClassKind.KerasModel) { Base = "keras.Model", Output = Returns.KerasTensor, Construct = Named },
        .. LibraryClass.For("losses.Loss callbacks.Callback optimizers.Optimizer initializers.Initializer regularizers.Regularizer constraints.Constraint utils.Sequence utils.PyDataset", ClassKind.Plain, Returns.Unknown),
        new("metrics.Metric", ClassKind.Plain)
        {
            Output = Returns.KerasTensor,
            Methods = [.. LibraryRow.For("update_state reset_state reset_states merge_state", Returns.None), .. LibraryRow.For("result", Returns.KerasTensor)],
        },
        .. LibraryClass.For(Metrics, ClassKind.Plain, Returns.KerasTensor, "keras.metrics.Metric").Select(c => c with { Name = "metrics." + c.Name }),
    ];

    private const string Metrics =
        """
        Mean Sum MeanTensor MeanMetricWrapper Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy SparseTopKCategoricalAccuracy AUC Precision Recall TruePositives TrueNegatives
        FalsePositives FalseNegatives PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity MeanSquaredError RootMeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError
        MeanSquaredLogarithmicError MeanRelativeError CosineSimilarity LogCoshError R2Score F1Score FBetaScore IoU BinaryIoU MeanIoU OneHotIoU OneHotMeanIoU Hinge SquaredHinge CategoricalHinge KLDivergence Poisson
        BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy
        """;

    private static LibraryRow[] Training =>
    [
        .. LibraryRow.For("compile fit summary save export save_weights load_weights add_loss train_on_batch reset_metrics reset_states make_train_function make_test_function make_predict_function compile_from_config", Returns.None),
        .. LibraryRow.For("predict evaluate test_on_batch predict_on_batch predict_step to_json get_metrics_result get_compile_config", Returns.Unknown),
    ];

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> ModelMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["get_layer"] = LayerOf,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> SequentialMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["add"] = (c, self, a) =>
        {
            Add(c, self, a.Find(0, "layer"));
            return ConstantValue.None;
        },
        ["pop"] = (c, self, _) =>
        {
            if (c.Children(self).Select(m => m.Name).LastOrDefault() is { } last)
            {
                c.RemoveAttribute(self, last);
            }

            return ConstantValue.None;
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static Value? Named(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find("name") is ConstantValue { Peek: string name })
        {
            self.LayerName ??= name;
        }

        return null;
    }

    /// <summary>The layers that attention builds for itself: a subclass calls them by name (<c>keras/src/layers/attention/multi_head_attention.py</c>).</summary>
    private static Value? Attention(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (self.Class is not null)
        {
            foreach (var (name, type) in new[] { ("_query_dense", "EinsumDense"), ("_key_dense", "EinsumDense"), ("_value_dense", "EinsumDense"), ("_output_dense", "EinsumDense"), ("_softmax", "Softmax"), ("_dropout_layer", "Dropout") })
            {
                context.SetAttribute(self, name, context.NewObject("keras.layers." + type, new()));
            }
        }

        return Named(context, self, arguments);
    }

    private static Value CallPart(ILibraryContext context, ObjectValue self, string name, Value? input) =>
        self.Attributes.Find(name) is { } part ? context.Call(part, CallArguments.Of(input ?? ConstantValue.None)) : context.Result(Returns.KerasTensor, new());

    /// <summary>A layer of a function runs it: layers that it calls are called.</summary>
    private static Value? CallFunction(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (context.IsForward && self.Attributes.Find("function") is (FunctionValue or BoundValue or PartialValue) and var function)
        {
            var given = CallArguments.Of([.. arguments.Positional.Take(1)]);
            if (self.Attributes.Find("arguments") is DictValue more)
            {
                context.Spread(given, more);
            }

            context.Call(function, given);
        }

        return null;
    }

    private static Value? Wrapped(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if ((arguments.Find(0, "layer") ?? arguments.Find("cell")) is ObjectValue { IsModule: true } layer)
        {
            context.SetAttribute(self, "layer", layer);
        }

        return Named(context, self, arguments);
    }

    /// <summary>A model of inputs and outputs: the calls between them are its graph.</summary>
    private static Value? Functional(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        // Keras 1 and 2 also say input and output.
        if ((arguments.Find("outputs") ?? arguments.Find("output") ?? (arguments.Positional.Count > 1 ? arguments.Positional[1] : null)) is { } outputs && context.GraphTensors(outputs).ToList() is { Count: > 0 } ends)
        {
            var inputs = arguments.Find(0, "inputs") ?? arguments.Find("input");
            self.Graph = Between([.. inputs is null ? [] : context.GraphTensors(inputs)], ends);
            foreach (var layer in self.Graph.Select(c => c.Layer).OfType<ObjectValue>().Distinct())
            {
                context.SetAttribute(self, ChildName(self, layer), layer);
            }

            context.SetAttribute(self, "output", outputs);
            context.SetAttribute(self, "outputs", SequenceValue.List(ends));
            if (inputs is not null)
            {
                context.SetAttribute(self, "input", inputs);
                context.SetAttribute(self, "inputs", SequenceValue.List(context.GraphTensors(inputs)));
            }
        }

        Named(context, self, arguments);
        context.BuiltModel(self);
        return null;
    }

    private static Value? Sequence(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        foreach (var layer in arguments.Find(0, "layers") is { } given and not ConstantValue ? context.Iterate(given) : [])
        {
            Add(context, self, layer);
        }

        Named(context, self, arguments);
        context.BuiltModel(self);
        return null;
    }

    private static void Add(ILibraryContext context, ObjectValue self, Value? layer)
    {
        // keras.Input and InputLayer are no layers of the model.
        if (layer is ObjectValue { IsModule: true } o && !o.Is("InputLayer"))
        {
            context.SetAttribute(self, ChildName(self, o), o);
        }
        else if (layer is UnknownValue or ChoiceValue)
        {
            context.SetAttribute(self, ChildName(self, null), layer);
        }
    }

    private static Value? InOrder(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var value = arguments.All.FirstOrDefault();
        foreach (var (_, child) in context.Children(self).ToList())
        {
            value = Elements.Call(context, child, value);
        }

        return value;
    }

    /// <summary>With <c>return_state=True</c> a list: the output and the states.</summary>
    private static SequenceValue? WithState(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (self.ConstructedWith?.Find("return_state") is not { } asked || context.Truth(asked) is false)
        {
            return null;
        }

        var states = self.IsA("LSTM") || self.IsA("ConvLSTM2D") || self.IsA("CuDNNLSTM") ? 2 : 1;
        return SequenceValue.List(Enumerable.Range(0, states + 1).Select(_ => context.Result(Returns.KerasTensor, arguments)));
    }

    private static Value? LayerOf(ILibraryContext context, ObjectValue model, CallArguments arguments)
    {
        var layers = (model.Graph?.Select(c => c.Layer) ?? context.Children(model).Select(c => c.Module as ObjectValue)).OfType<ObjectValue>().Distinct().ToList();
        if ((arguments.Find(0, "name") ?? arguments.Find("name")) is ConstantValue { Peek: string name })
        {
            return layers.Find(l => l.LayerName == name);
        }

        return arguments.Find(1, "index") is ConstantValue { Raw: long i } && i >= 0 && i < layers.Count ? layers[(int)i] : null;
    }

    /// <summary>The calls between inputs and outputs, each after those it depends on.</summary>
    private static List<GraphCall> Between(HashSet<GraphTensor> inputs, List<GraphTensor> outputs)
    {
        var result = new List<GraphCall>();
        var seen = new HashSet<GraphCall>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(GraphCall Call, bool Done)>();
        foreach (var output in outputs)
        {
            Push(output);
            while (stack.TryPop(out var top))
            {
                if (top.Done)
                {
                    result.Add(top.Call);
                }
                else if (seen.Add(top.Call))
                {
                    stack.Push((top.Call, true));
                    for (var i = top.Call.Inputs.Length - 1; i >= 0; i--)
                    {
                        Push(top.Call.Inputs[i]);
                    }
                }
            }
        }

        return result;

        void Push(GraphTensor tensor)
        {
            if (tensor.Call is { } call && !inputs.Contains(tensor))
            {
                stack.Push((call, false));
            }
        }
    }

    /// <summary>The layer's name; without one, Keras' own: <c>re_lu</c>, <c>re_lu_1</c>.</summary>
    private static string ChildName(ObjectValue self, ObjectValue? layer)
    {
        var name = layer?.LayerName ?? SnakeCase(layer is null ? "Layer" : layer.TypeName[(layer.TypeName.LastIndexOf('.') + 1)..]);
        if (IsFree(0))
        {
            return name;
        }

        // Numbers are given in order, to thousands of layers of a kind: not each is asked for.
        var (taken, free) = (0, 1);
        while (!IsFree(free))
        {
            (taken, free) = (free, free * 2);
        }

        while (free - taken > 1)
        {
            var middle = (taken + free) / 2;
            (taken, free) = IsFree(middle) ? (taken, middle) : (middle, free);
        }

        return Numbered(free);

        string Numbered(int number) => number == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
        bool IsFree(int number) => self.Attributes.Find(Numbered(number)) is null;
    }

    private static string SnakeCase(string type)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < type.Length; i++)
        {
            if (char.IsAsciiLetterUpper(type[i]) && i > 0 && (char.IsAsciiLetterLower(type[i - 1]) || (i + 1 < type.Length && char.IsAsciiLetterLower(type[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(type[i]));
        }

        return text.ToString();
    }
}
