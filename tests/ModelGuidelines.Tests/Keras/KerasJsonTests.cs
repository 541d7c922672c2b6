using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Keras;

/// <summary>The forms in which a config is found, what is no config, and hostile ones.</summary>
public sealed class KerasJsonTests : IDisposable
{
    private readonly KerasInputs _inputs = new();

    private static string Config => File.ReadAllText(RepositoryFiles.Fixture("keras", "k2_seq2seq_states", "config.json"));

    public void Dispose() => _inputs.Dispose();

    [Theory]
    [InlineData("{0}")]
    [InlineData("\uFEFF  {0}\n")]
    [InlineData("{{\"model_config\": {0}, \"other\": 1}}")]
    [InlineData("{{\"format\": \"layers-model\", \"modelTopology\": {{\"keras_version\": \"2.13.1\", \"model_config\": {0}}}, \"weightsManifest\": []}}")]
    [InlineData("string")]
    public void Every_wrapping_is_read(string wrapping)
    {
        var text = wrapping == "string" ? JsonSerializer.Serialize(Config) : string.Format(CultureInfo.InvariantCulture, wrapping, Config);
        var result = KerasInputs.Audit(_inputs.Write("c.json", text));
        Assert.Equal("KerasJson", result.Format);
        Assert.Equal("dec", Assert.Single(result.Findings).Module);
    }

    [Theory]
    [InlineData("""{"name": "branch_act", "layers": [{"path": "a1"}], "class": "x"}""")]
    [InlineData("""{"class_name": "Tokenizer", "config": {"num_words": 100, "word_index": "{}"}}""")]
    [InlineData("""{"class_name": "Adam", "config": {"learning_rate": 0.001}}""")]
    [InlineData("""{"class_name": "Dense", "config": {"units": 4}}""")]
    [InlineData("""{"architectures": ["BertModel"], "hidden_size": 768}""")]
    [InlineData("""["class_name"]""")]
    [InlineData("not json")]
    [InlineData("")]
    public void Other_json_is_passed_over_in_folders_and_an_error_when_named(string text)
    {
        var path = _inputs.Write("other/x.json", text);
        var found = new InputFinder(FormatRegistry.Default).Find(Path.GetDirectoryName(path)!).ToList();
        Assert.All(found, f => Assert.Null(Auditor.Default.Audit(f, new(), TestContext.Current.CancellationToken)));
        Assert.StartsWith("MG.Input.", KerasInputs.Audit(path).Error?.Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_model_of_tensorflow_js_is_named_as_such()
    {
        var result = KerasInputs.Audit(_inputs.Write("model.json", """{"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}]}, "weightsManifest": []}"""));
        Assert.Null(result.Error);
        Assert.Contains("graph model of TensorFlow.js", result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Reason, StringComparison.Ordinal);
    }

    /// <summary>TensorFlow.js and old Keras write it as often as it was added.</summary>
    [Theory]
    [InlineData("d", "d", "d:2")]
    [InlineData("d", "e", "")]
    [InlineData(null, null, "")]
    public void An_object_that_was_added_twice_to_a_sequential_is_one(string? first, string? second, string expected)
    {
        static string Layer(string? name) => """{"class_name": "Dense", "config": {NAME"units": 4}}""".Replace("NAME", name is null ? "" : $"\"name\": \"{name}\", ", StringComparison.Ordinal);
        var text = """{"format": "layers-model", "modelTopology": {"class_name": "Sequential", "keras_version": "tfjs-layers 4.22.0", "config": {"name": "s", "layers": [LAYERS]}}}""";
        var result = KerasInputs.Audit(_inputs.Write("model.json", text.Replace("LAYERS", $"{Layer(first)}, {Layer(second)}", StringComparison.Ordinal)));
        Assert.Null(result.Error);
        Assert.Equal(expected, string.Join(' ', result.Findings.Where(f => f is { Guideline: "Keras.LayerReuse", Confidence: Confidence.Certain }).Select(f => $"{f.Module}:{f.CallCount}")));
    }

    [Fact]
    public void Python_whose_docstring_holds_json_is_source()
    {
        const string docstring = "\"\"\"{\"class_name\": \"Functional\"} is how a config begins.\"\"\"\n";
        Assert.Equal("PythonSource", KerasInputs.Audit(_inputs.Write("model.py", docstring + "import keras\n\ndef net():\n    x = keras.Input((4,))\n    return keras.Model(x, keras.layers.Dense(4)(x))\n")).Format);
    }

    [Theory]
    [InlineData("null", Outcome.Pass)]
    [InlineData("[1, 4]", Outcome.Fail)]
    public void A_class_of_which_only_arguments_are_kept_is_a_graph_if_it_was_built_without_a_shape(string shape, Outcome outcome)
    {
        var result = KerasInputs.Audit(_inputs.Write("c.json", $$$"""
            {"module": "mine", "class_name": "Net", "registered_name": "Net", "config": {"units": 4}, "build_config": {"input_shape": {{{shape}}}}, "compile_config": {}}
            """));
        Assert.Equal(outcome, result.Guidelines.Single(g => g.Guideline == "Keras.ModelApi").Outcome);
        Assert.All(result.Findings.Where(f => f is { Guideline: "Keras.ModelApi" }), f => Assert.Equal(Confidence.Likely, f.Confidence));
    }

    [Fact]
    public void Of_two_equal_keys_the_last_counts_as_for_python()
    {
        var text = Config.Replace("\"class_name\": \"Functional\"", "\"class_name\": \"Sequential\", \"class_name\": \"Functional\"", StringComparison.Ordinal);
        Assert.NotEqual(Config, text);
        Assert.Equal("dec", Assert.Single(KerasInputs.Audit(_inputs.Write("c.json", text)).Findings).Module);
    }

    [Fact]
    public void Numbers_that_only_python_writes_are_read()
    {
        var text = """{"class_name": "Sequential", "config": {"name": "NaN \" Infinity", "layers": [{"class_name": "Masking", "config": {"name": "m", "mask_value": NaN, "low": -Infinity, "high": Infinity}}]}, "keras_version": "2.4.0"}""";
        Assert.Null(KerasInputs.Audit(_inputs.Write("c.json", text)).Error);
    }

    [Theory]
    [InlineData("brackets")]
    [InlineData("deep")]
    public void Nesting_is_refused_at_once(string kind)
    {
        const int bytes = 200_000_000;
        var content = new byte[bytes];
        var prefix = """{"class_name": "Sequential", "config": {"layers": """u8;
        prefix.CopyTo(content);
        var unit = kind == "brackets" ? "["u8 : """{"config":"""u8;
        for (var i = prefix.Length; i + unit.Length <= bytes; i += unit.Length)
        {
            unit.CopyTo(content.AsSpan(i));
        }

        var error = KerasInputs.Refuse("KerasJson", _inputs.Write("c.json", content));
        Assert.Equal("MG.Keras.TooDeep", error.Id);
        Assert.NotNull(error.Offset);
    }

    [Fact]
    public void More_tokens_than_allowed_are_refused_before_anything_is_built()
    {
        var text = new StringBuilder("""{"class_name": "Sequential", "config": {"layers": [""").Insert(0, "").AppendJoin(',', Enumerable.Repeat("0", 5_000_000)).Append("]}}").ToString();
        Assert.Equal("MG.Keras.TooLarge", KerasInputs.Refuse("KerasJson", _inputs.Write("c.json", text)).Id);
    }

    [Fact]
    public void Doublings_are_counted_up_to_a_bound_and_said_to_be()
    {
        // 20 models, each of which calls the next twice: a million calls of the innermost.
        var text = """{"class_name": "Dense", "config": {"name": "leaf"}, "name": "leaf", "inbound_nodes": [[["in", 0, 0, {}]], [["leaf", 0, 0, {}]]]}""";
        for (var i = 0; i < 20; i++)
        {
            text = $$$"""{"class_name": "Functional", "name": "m{{{i}}}", "inbound_nodes": [[["in", 0, 0, {}]], [["m{{{i}}}", 1, 0, {}]]], "config": {"name": "m{{{i}}}", "layers": [{"class_name": "InputLayer", "config": {"name": "in"}, "name": "in", "inbound_nodes": []}, {{{text}}}], "input_layers": [["in", 0, 0]], "output_layers": []}}""";
        }

        var result = KerasInputs.Audit(_inputs.Write("c.json", text));
        Assert.Equal(Outcome.Fail, result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Outcome);
        Assert.Contains("calls; the rest is not counted", result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_stays_text()
    {
        // A Lambda's marshalled code, and the class tricks of unsafe loaders: none of it is decoded.
        var text = """
            {"class_name": "Functional", "config": {"name": "m", "__class__": "os.system", "layers": [
              {"class_name": "InputLayer", "config": {"name": "in"}, "name": "in", "inbound_nodes": []},
              {"class_name": "Lambda", "name": "l", "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAAEAAAABAAAA", "defaults": null, "closure": null}}, "__reduce__": ["builtins.exec", ["1/0"]]}, "inbound_nodes": [[["in", 0, 0, {}]]]},
              {"module": "builtins", "class_name": "function", "name": "f", "config": "exec", "registered_name": "function", "inbound_nodes": [[["l", 0, 0, {}]]]}],
             "input_layers": [["in", 0, 0]], "output_layers": [["l", 0, 0]]}, "keras_version": "2.13.1"}
            """;
        var result = KerasInputs.Audit(_inputs.Write("c.json", text));
        Assert.Null(result.Error);
        Assert.Empty(result.Findings);
    }

    [Theory]
    [InlineData("""{"class_name": "Functional", "config": {"layers": [{"class_name": "Dense", "config": {"name": "a\ud800"}, "name": "a\ud800", "inbound_nodes": [[["a\ud800", 0, 0, {}]]]}]}, "keras_version": "2.13.1"}""")]
    [InlineData("""{"class_name": "Functional", "config": {"x\udc00": 1, "layers": [{"class_name": "Dense", "config": {}, "inbound_nodes": [{"args": [{"\ud800": 1}]}, 3, null, [[["a", 1e99, -1]]]]}, 4, {"class_name": 7}]}, "keras_version": "3.0.0"}""")]
    [InlineData("""{"class_name": "Functional", "config": {}, "keras_version": "x"}""")]
    [InlineData("""{"class_name": "Functional", "config": {"layers": {"class_name": "x"}}, "keras_version": ""}""")]
    public void Oddities_give_a_graph_or_one_clear_error(string text)
    {
        var result = KerasInputs.Audit(_inputs.Write("c.json", text));
        Assert.True(result.Error is null || result.Error.Id.StartsWith("MG.Keras.", StringComparison.Ordinal), result.Error?.Message);
    }
}
