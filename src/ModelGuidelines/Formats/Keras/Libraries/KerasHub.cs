using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace ModelGuidelines.Formats.Keras.Libraries;

/// <summary>The models of keras-hub (once keras-nlp) that get_config describes by their arguments only.</summary>
/// <remarks>Source: the constructors in keras_hub/src/models of keras-hub 0.32, read for the layers that are called more than once. A file does not keep the library's version:
/// that another one builds a class differently is the doubt that findings and passes name.</remarks>
internal static class KerasHub
{
    public const string Name = "keras-hub";

    public const string Version = "0.32";

    /// <summary>Python packages under which the classes are registered.</summary>
    public static readonly FrozenSet<string> Packages = new[] { "keras_hub", "keras_nlp" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Graphs of layers that call each layer once.</summary>
    private const string Once = """
        AlbertTextClassifier BASNetBackbone BASNetImageSegmenter BLIP2Backbone BLIP2CustomOPT BLIP2QFormer BLIP2VisionEncoder BertBackbone BertTextClassifier BertTextEmbedder BloomBackbone
        CLIPBackbone CLIPTextEncoder CLIPVisionEncoder CSPNetBackbone CSPNetImageClassifier DebertaV3Backbone DebertaV3TextClassifier DFineObjectDetector DeepLabV3Backbone
        DeepLabV3ImageSegmenter DeiTBackbone DeiTImageClassifier DenseNetBackbone DenseNetImageClassifier DepthAnythingDepthEstimator DistilBertBackbone DistilBertTextClassifier ESMBackbone
        ESMMaskedPLM ESMProteinClassifier EdRecSeq2SeqLM EfficientNetBackbone EfficientNetImageClassifier ElectraBackbone FNetBackbone FNetTextClassifier FalconBackbone GPT2Backbone
        GPTNeoXBackbone Gemma3Backbone Gemma3TextEmbedder Gemma3VisionEncoder Gemma3nBackbone Gemma4VisionEncoder GemmaBackbone GptOssBackbone HGNetV2Backbone
        HGNetV2ImageClassifier Llama3Backbone LlamaBackbone MMDiT MetaCLIP2Backbone MetaCLIP2TextEncoder MetaCLIP2VisionEncoder MiTBackbone MiTImageClassifier MistralBackbone
        MixtralBackbone MobileNetBackbone MobileNetImageClassifier MobileNetV5Backbone MobileNetV5ImageClassifier MoonshineBackbone OPTBackbone PARSeqBackbone
        PARSeqCausalLM PaliGemmaBackbone PaliGemmaVit Phi3Backbone Qwen3Backbone Qwen3MoeBackbone Qwen3TextEmbedder Qwen3_5Backbone Qwen3_5MoeBackbone QwenBackbone
        QwenMoeBackbone RQVAEBackbone RWKV7CausalLM ResNetBackbone ResNetImageClassifier RetinaNetBackbone RobertaBackbone RobertaTextClassifier RoformerV2Backbone
        RoformerV2TextClassifier SAM3PromptableConceptImageSegmenter SAMBackbone SAMImageSegmenter SegFormerImageSegmenter SigLIPBackbone SigLIPTextEncoder SigLIPVisionEncoder SmolLM3Backbone SwinTransformerBackbone
        SwinTransformerImageClassifier VAEBackbone VGGBackbone VGGImageClassifier ViTBackbone ViTDetBackbone ViTImageClassifier VideoPrismBackbone WhisperBackbone
        XLMRobertaBackbone XLMRobertaTextClassifier XLMRobertaTextEmbedder XLNetBackbone XceptionBackbone XceptionImageClassifier
        """;

    /// <summary>Graphs of layers whose head reads the backbone's embedding backwards: the layer is called a second time.</summary>
    private const string TiedToBackbone = """
        AlbertMaskedLM BartSeq2SeqLM BertMaskedLM BloomCausalLM DebertaV3MaskedLM FNetMaskedLM FalconCausalLM GPT2CausalLM GPTNeoXCausalLM Gemma3CausalLM Gemma4CausalLM
        GemmaCausalLM GptOssCausalLM Llama3CausalLM LlamaCausalLM MistralCausalLM MixtralCausalLM MoonshineAudioToText PaliGemmaCausalLM Phi3CausalLM Qwen3CausalLM
        Qwen3MoeCausalLM Qwen3_5CausalLM Qwen3_5MoeCausalLM QwenCausalLM QwenMoeCausalLM RoformerV2MaskedLM SmolLM3CausalLM T5Seq2SeqLM
        """;

    /// <summary>Models with a <c>call()</c> of their own, or with such models among the layers of their graph.</summary>
    private const string Subclassed = """
        DoubleStreamBlock EmbedND FluxBackbone FluxTextToImage Gemma4AssistantCausalLM Gemma4AudioEncoder LastLayer MLPEmbedder Modulation Qwen3_5VisionEncoder SelfAttention
        SingleStreamBlock T5Encoder
        """;

    private const string NamedByKeras = "a layer whose name Keras gives is called again";

    public static readonly FrozenDictionary<string, LibraryModel> Models = ((IEnumerable<LibraryModel>)
    [
        .. Split(Once).Select(c => new LibraryModel(c, IsGraph: true)),
        .. Split(TiedToBackbone).Select(c => Again(c, LibraryModel.OfBackbone + "token_embedding")),
        .. Split(Subclassed).Select(c => new LibraryModel(c, IsGraph: false)),

        // Embeddings inside a layer that adds positions.
        Again("DistilBertMaskedLM", LibraryModel.OfBackbone + "token_and_position_embedding/token_embedding"),
        Again("OPTCausalLM", LibraryModel.OfBackbone + "embeddings/token_embedding"),
        Again("RobertaMaskedLM", LibraryModel.OfBackbone + "embeddings/token_embedding"),
        Again("XLMRobertaMaskedLM", LibraryModel.OfBackbone + "embeddings/token_embedding"),
        Again("T5GemmaSeq2SeqLM", LibraryModel.OfBackbone + "decoder_token_embedding"),
        Again("T5Gemma2Seq2SeqLM", LibraryModel.OfBackbone + "decoder_token_embedding"),

        // Encoder and decoder read tokens with one embedding.
        Again("BartBackbone", "token_embedding"),
        Again("EdRecBackbone", "embedding"),
        Again("T5Backbone", "token_embedding"),

        // Once for the prompt and once for the negative prompt.
        .. new[] { "StableDiffusion3Backbone", "StableDiffusion3ImageToImage", "StableDiffusion3Inpaint", "StableDiffusion3TextToImage" }
            .Select(c => Again(c, "clip_l", "clip_g", "clip_l_projection", "clip_g_projection", "clip_concatenate", "scheduler")),

        new("AlbertBackbone", IsGraph: true) { Again = LayersOfGroups },
        new("Gemma4Backbone", IsGraph: true) { Again = c => Number(c, "hidden_size_per_layer_input", 0) > 0 ? ["per_layer_projection_norm"] : [] },

        Open("BLIP2CausalLM", "the head reads the language model's embedding backwards"),
        Open("BLIP2FlanT5", "encoder and decoder read tokens with one embedding"),
        Open("BLIP2Seq2SeqLM", "the language model may call a layer again"),
        Open("DFineBackbone", "encoder and decoder call layers of each other"),
        Open("DINOV2Backbone", "apply_layernorm calls the last layer normalization again", c => c.Get("apply_layernorm").ValueKind is not JsonValueKind.False),
        Open("DINOV3Backbone", "apply_layernorm calls the last layer normalization again", c => c.Get("apply_layernorm").ValueKind is not JsonValueKind.False),
        Open("DepthAnythingBackbone", NamedByKeras),
        Open("Gemma3nCausalLM", "the head reads the language model's embedding backwards"),
        Open("RWKV7Backbone", NamedByKeras, c => Number(c, "num_layers", double.MaxValue) > 1),
        Open("RetinaNetObjectDetector", "the heads are called for each level of the pyramid"),
        Open("SAM3PromptableConceptBackbone", "the decoder's box head is called again"),
        Open("SegFormerBackbone", NamedByKeras),
        Open("T5GemmaBackbone", NamedByKeras),
        Open("T5Gemma2Backbone", NamedByKeras),
    ]).ToFrozenDictionary(m => m.Class, StringComparer.Ordinal);

    private static string[] Split(string names) => names.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static LibraryModel Again(string name, params string[] layers) => new(name, IsGraph: true) { Again = _ => layers };

    /// <param name="name">The class.</param>
    /// <param name="reason">A clause: what the arguments decide.</param>
    /// <param name="isOpen">Whether they leave it open; null: whatever they are.</param>
    private static LibraryModel Open(string name, string reason, Func<JsonElement, bool>? isOpen = null) =>
        new(name, IsGraph: true) { Open = reason, IsOpen = isOpen ?? (_ => true) };

    /// <summary>ALBERT goes through the layers of a group as often as the layers outnumber the groups.</summary>
    private static IEnumerable<string> LayersOfGroups(JsonElement config)
    {
        const int most = 1000;
        var groups = (int)Math.Clamp(Number(config, "num_groups", 1), 1, most);
        return Number(config, "num_layers", 0) / groups < 2 ? [] :
            from g in Enumerable.Range(0, groups)
            from i in Enumerable.Range(0, (int)Math.Clamp(Number(config, "num_inner_repetitions", 1), 0, most / groups))
            select string.Create(CultureInfo.InvariantCulture, $"group_{g}_inner_layer_{i}");
    }

    private static double Number(JsonElement config, string argument, double otherwise) =>
        config.Get(argument) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : otherwise;
}
