using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>transformers and diffusers, where their files are not on the search path: base classes, outputs, activations, helpers of attention.</summary>
internal sealed class Transformers : PythonLibrary
{
    private const string Module = "torch.nn.Module";
    private const string Encoded = "last_hidden_state=None hidden_states=None attentions=None";

    /// <summary>What a name of ACT2FN stands for.</summary>
    private static readonly Dictionary<string, string> Activations = new(StringComparer.Ordinal)
    {
        ["gelu"] = "GELU", ["gelu_new"] = "GELU", ["gelu_fast"] = "GELU", ["gelu_python"] = "GELU", ["gelu_pytorch_tanh"] = "GELU", ["gelu_python_tanh"] = "GELU", ["gelu_10"] = "GELU", ["quick_gelu"] = "GELU",
        ["relu"] = "ReLU", ["relu6"] = "ReLU6", ["leaky_relu"] = "LeakyReLU", ["prelu"] = "PReLU", ["silu"] = "SiLU", ["swish"] = "SiLU", ["mish"] = "Mish", ["sigmoid"] = "Sigmoid", ["tanh"] = "Tanh", ["linear"] = "Identity",
    };

    /// <summary>What every configuration has where nothing else is said; whatever else it is given becomes an attribute too.</summary>
    private static readonly (string Name, Value Value)[] Usual =
    [
        ("return_dict", ConstantValue.True), ("output_hidden_states", ConstantValue.False), ("output_attentions", ConstantValue.False), ("torchscript", ConstantValue.False), ("use_bfloat16", ConstantValue.False),
        ("tie_word_embeddings", ConstantValue.True), ("is_encoder_decoder", ConstantValue.False), ("is_decoder", ConstantValue.False), ("add_cross_attention", ConstantValue.False),
        ("cross_attention_hidden_size", ConstantValue.None), ("chunk_size_feed_forward", ConstantValue.Of(0)), ("problem_type", ConstantValue.None), ("num_labels", ConstantValue.Of(2)),
    ];

    public override IReadOnlyList<string> Prefixes => [""];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["transformers.modeling_utils.PreTrainedModel"] = "transformers.PreTrainedModel",
        ["transformers.configuration_utils.PretrainedConfig"] = "transformers.PretrainedConfig",
        ["transformers.PreTrainedConfig"] = "transformers.PretrainedConfig",
        ["transformers.configuration_utils.PreTrainedConfig"] = "transformers.PretrainedConfig",
        ["transformers.file_utils.ModelOutput"] = "transformers.utils.ModelOutput",
        ["transformers.utils.generic.ModelOutput"] = "transformers.utils.ModelOutput",
        ["transformers.pytorch_utils.Conv1D"] = "transformers.Conv1D",
        ["transformers.modeling_utils.Conv1D"] = "transformers.Conv1D",
        ["diffusers.models.modeling_utils.ModelMixin"] = "diffusers.ModelMixin",
        ["diffusers.configuration_utils.ConfigMixin"] = "diffusers.ConfigMixin",
        ["diffusers.configuration_utils.register_to_config"] = "diffusers.register_to_config",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("transformers.activations.ACT2FN.__getitem__", (c, a) => a.Find(0, "key") is { } key ? c.ForEach(key, k => Activation(c, k)) : null),
        LibraryRow.Of("transformers.activations.get_activation", (c, a) => a.Find(0, "activation_string") is { } key ? c.ForEach(key, k => Activation(c, k)) : null),
        LibraryRow.Of("diffusers.models.activations.get_activation", (c, a) => a.Find(0, "act_fn") is { } key ? c.ForEach(key, k => Activation(c, k)) : null),
        .. LibraryRow.For(
            "transformers.pytorch_utils.apply_chunking_to_forward", Returns.Unknown).Select(r => r with { Function = (c, a) => a.Positional is [var f, _, _, .. var inputs] ? c.Call(f, CallArguments.Of([.. inputs])) : null }),
        .. LibraryRow.For("transformers.pytorch_utils.prune_linear_layer transformers.pytorch_utils.prune_conv1d_layer transformers.modeling_utils.prune_linear_layer", Returns.First),
        .. LibraryRow.For("transformers.pytorch_utils.meshgrid", Returns.TensorTuple),
        .. LibraryRow.For("transformers.masking_utils.create_causal_mask transformers.masking_utils.create_bidirectional_mask transformers.masking_utils.create_sliding_window_causal_mask transformers.modeling_attn_mask_utils._prepare_4d_attention_mask " +
            "transformers.modeling_attn_mask_utils._prepare_4d_causal_attention_mask transformers.modeling_attn_mask_utils._prepare_4d_attention_mask_for_sdpa transformers.modeling_attn_mask_utils._prepare_4d_causal_attention_mask_for_sdpa " +
            "transformers.modeling_flash_attention_utils._flash_attention_forward diffusers.models.embeddings.get_timestep_embedding", Returns.Tensor),
        .. LibraryRow.Decorators(
            "transformers.utils.auto_docstring transformers.utils.generic.check_model_inputs transformers.utils.can_return_tuple transformers.utils.generic.can_return_tuple transformers.utils.deprecation.deprecate_kwarg " +
            "transformers.utils.add_start_docstrings transformers.utils.add_start_docstrings_to_model_forward transformers.utils.add_code_sample_docstrings transformers.utils.replace_return_docstrings transformers.utils.add_end_docstrings " +
            "transformers.integrations.use_kernel_forward_from_hub transformers.modeling_rope_utils.dynamic_rope_update diffusers.register_to_config diffusers.utils.accelerate_utils.apply_forward_hook diffusers.loaders.FromOriginalModelMixin"),
        .. LibraryRow.For("transformers.utils.is_torch_available transformers.utils.is_flash_attn_2_available transformers.utils.is_torch_fx_proxy transformers.utils.import_utils.is_torch_fx_available", Returns.Boolean),
        .. LibraryRow.For("transformers.utils.logging.get_logger transformers.PretrainedConfig.from_pretrained", Returns.Unknown),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("transformers.PreTrainedModel", ClassKind.TorchModule)
        {
            IsAbstract = true,
            Base = Module,
            Output = Returns.Unknown,
            Hides = Hides.Inside,
            Construct = (c, self, a) =>
            {
                if (a.Find(0, "config") is { } config)
                {
                    c.SetAttribute(self, "config", config);
                }

                return null;
            },
            Methods =
            [
                .. LibraryRow.For("post_init init_weights tie_weights gradient_checkpointing_enable gradient_checkpointing_disable save_pretrained _backward_compatibility_gradient_checkpointing prune_heads", Returns.None),
                .. LibraryRow.For("get_extended_attention_mask invert_attention_mask get_head_mask", Returns.Tensor),
                .. LibraryRow.For("get_input_embeddings get_output_embeddings warn_if_padding_and_no_attention_mask", Returns.Unknown),
            ],
        },
        .. LibraryClass.For("transformers.modeling_layers.GradientCheckpointingLayer diffusers.ModelMixin", ClassKind.TorchModule, Returns.Unknown, Module).Select(c => c with { IsAbstract = true }),
        .. LibraryClass.For("transformers.Conv1D", ClassKind.TorchModule, Returns.Tensor, Module, "nf nx"),
        .. LibraryClass.For("transformers.cache_utils.Cache transformers.cache_utils.DynamicCache transformers.generation.GenerationMixin transformers.GenerationMixin diffusers.ConfigMixin", ClassKind.Plain, Returns.Unknown),
        new("transformers.PretrainedConfig", ClassKind.Plain)
        {
            Construct = (c, self, a) =>
            {
                // Further keywords that cannot be told may say otherwise.
                var usual = a.NamedRest is null ? Usual : [];
                foreach (var (name, value) in usual.Select(u => (u.Name, Value: a.Find(u.Name) ?? u.Value)).Concat(a.Named.Where(n => !usual.Any(u => u.Name == n.Name))))
                {
                    c.SetAttribute(self, name, value);
                }

                // It is a property: what return_dict says.
                if ((a.Find("return_dict") ?? (a.NamedRest is null ? ConstantValue.True : null)) is { } asked)
                {
                    c.SetAttribute(self, "use_return_dict", asked);
                }

                return null;
            },
        },
        .. LibraryClass.For("diffusers.utils.BaseOutput transformers.utils.ModelOutput", ClassKind.Plain, Returns.Unknown),
        .. Outputs("BaseModelOutput", Encoded),
        .. Outputs("BaseModelOutputWithNoAttention ImageClassifierOutputWithNoAttention", "last_hidden_state=None hidden_states=None"),
        .. Outputs("BaseModelOutputWithPooling", "last_hidden_state=None pooler_output=None hidden_states=None attentions=None"),
        .. Outputs("BaseModelOutputWithPast", "last_hidden_state=None past_key_values=None hidden_states=None attentions=None"),
        .. Outputs("BaseModelOutputWithCrossAttentions", "last_hidden_state=None hidden_states=None attentions=None cross_attentions=None"),
        .. Outputs("BaseModelOutputWithPastAndCrossAttentions", "last_hidden_state=None past_key_values=None hidden_states=None attentions=None cross_attentions=None"),
        .. Outputs("BaseModelOutputWithPoolingAndCrossAttentions", "last_hidden_state=None pooler_output=None hidden_states=None past_key_values=None attentions=None cross_attentions=None"),
        .. Outputs("Seq2SeqModelOutput Seq2SeqLMOutput", ""),
        .. Outputs("CausalLMOutput MaskedLMOutput SequenceClassifierOutput TokenClassifierOutput ImageClassifierOutput MultipleChoiceModelOutput SemanticSegmenterOutput DepthEstimatorOutput", "loss=None logits=None hidden_states=None attentions=None"),
        .. Outputs("CausalLMOutputWithPast CausalLMOutputWithCrossAttentions", "loss=None logits=None past_key_values=None hidden_states=None attentions=None"),
        .. Outputs("QuestionAnsweringModelOutput", "loss=None start_logits=None end_logits=None hidden_states=None attentions=None"),
        .. Outputs("BackboneOutput", "feature_maps=None hidden_states=None attentions=None"),
    ];

    /// <summary><c>AutoModel.from_pretrained</c> and models' classes: a module whose outputs are an object of the library's.</summary>
    public override LibraryRow? Other(string name)
    {
        if (!name.StartsWith("transformers.", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = name.Split('.');
        var type = parts.Skip(1).LastOrDefault(p => p.Length > 0 && char.IsAsciiLetterUpper(p[0]));
        var isModel = type is not null && (type.EndsWith("Model", StringComparison.Ordinal) || type.Contains("For", StringComparison.Ordinal)) && parts[^1] is var last && (last == type || last is "from_pretrained" or "from_config" or "_from_config");
        return isModel ? LibraryRow.Of(name, (c, a) => c.NewObject("transformers.PreTrainedModel", a))
            : type is not null && (type.EndsWith("Config", StringComparison.Ordinal) || type.EndsWith("Tokenizer", StringComparison.Ordinal) || type.EndsWith("TokenizerFast", StringComparison.Ordinal) || type.EndsWith("Processor", StringComparison.Ordinal)) ? new(name, Returns.Unknown)
            : null;
    }

    private static IEnumerable<LibraryClass> Outputs(string names, string parameters) =>
        LibraryClass.For(names, ClassKind.Plain, Returns.Unknown, "transformers.utils.ModelOutput", parameters).Select(c => c with { Name = "transformers.modeling_outputs." + c.Name });

    private static ObjectValue Activation(ILibraryContext context, Value key) =>
        context.NewObject(key is ConstantValue { Peek: string name } && Activations.TryGetValue(name, out var known) ? "torch.nn." + known : "torch.nn." + LibraryRow.AnyName, new());
}
