using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Code of custom layers: what TensorFlow and Keras do with the functions, tensors and objects that it uses.</summary>
public sealed class KerasLayerCodeTests
{
    private static IEnumerable<string> Reuse(string init, string call, string build = "pass", string @base = "keras.layers.Layer")
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("layer.py");
        static string Lines(string code, int depth) => code.ReplaceLineEndings("\n").Replace("\n", "\n" + new string(' ', depth), StringComparison.Ordinal);
        File.WriteAllText(path, $"""
            import tensorflow as tf
            from tensorflow import keras

            try:
                import tensorflow_text as text
            except ImportError:
                text = None

            class Cut:
                def __call__(self, x):
                    return x

            class Net({@base}):
                def __init__(self, **options):
                    super().__init__(**options)
                    {Lines(init, 8)}

                def build(self, input_shape):
                    {Lines(build, 8)}

                def call(self, x):
                    {Lines(call, 8)}
            """);
        return Reuse(path);
    }

    private static IEnumerable<string> Reuse(string path)
    {
        var result = Auditor.Default.Audit(new(path, path), Written.Settings)!;
        return [.. result.Findings.Where(f => f.Guideline == "Keras.LayerReuse").Select(f => $"{f.Confidence} {f.Module}"), result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Outcome.ToString()];
    }

    [Theory]
    [InlineData("return self.fc(tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), [0, x])[1])", "Pass")]
    [InlineData("return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, self.fc(y)), loop_vars=[0, x])[1]", "Likely fc", "Fail")]
    [InlineData("return keras.ops.fori_loop(0, 4, lambda i, y: self.fc(y), x)", "Likely fc", "Fail")]
    [InlineData("return keras.ops.scan(lambda c, y: (self.fc(c), y), x, x)[0]", "Likely fc", "Fail")]
    [InlineData("return keras.ops.switch(tf.size(x), [lambda y: self.fc(y), lambda y: self.fc(y + 1)], x)", "Pass")]
    [InlineData("return self.fc(tf.switch_case(tf.size(x), [lambda: self.fc(x), lambda: x]))", "Likely fc", "Fail")]
    [InlineData("return tf.while_loop(self.test, self.body, x)", "Undecidable")] // of how many variables no one knows
    public void Code_in_the_loops_and_branches_of_a_graph_is_followed(string call, params string[] expected) => Assert.Equal(expected, Reuse("self.fc = keras.layers.Dense(4)", call));

    [Theory]
    [InlineData("self.random = tf.random.Generator.from_seed(1)", "x + self.random.uniform([3])")]
    [InlineData("self.mean = keras.metrics.Mean()", "(self.mean.update_state(x), x)[1]")]
    [InlineData("self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a'], [1]), 0)", "self.table.lookup(x)")]
    [InlineData("self.cut = text.WhitespaceTokenizer()", "self.cut.tokenize(text.normalize_utf8(x)).to_tensor()")]
    [InlineData("self.size = 3", "tf.TensorArray(tf.float32, size=self.size).write(0, x).stack()")]
    [InlineData("self.seen = self.add_weight(shape=(4,))", "(self.seen.assign_add(tf.reduce_sum(x, 0)), x)[1]")]
    [InlineData("self.seen = tf.Variable(0.0)", "(self.seen.assign(1.0), x)[1]")]
    [InlineData("self.cut = Cut()", "self.cut(x) if callable(self.cut) else self.fc(x)")]
    public void What_prepares_tensors_hides_nothing(string init, string given) => Assert.Equal(["Pass"], Reuse(init + "\nself.fc = keras.layers.Dense(4)", $"return self.fc({given})"));

    /// <summary>A cell of the user's is a layer: what it calls is followed.</summary>
    [Fact]
    public void A_cell_is_a_layer()
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("cell.py");
        File.WriteAllText(path, """
            from tensorflow import keras

            class Cell(keras.layers.AbstractRNNCell):
                def __init__(self):
                    super().__init__()
                    self.fc = keras.layers.Dense(4)

                def call(self, x, states):
                    return self.fc(x), states

            class Net(keras.Model):
                def __init__(self):
                    super().__init__()
                    self.cell = Cell()

                def call(self, x):
                    return self.cell(x, [x])[0]
            """);
        Assert.Equal(["Pass"], Reuse(path));
    }

    /// <summary>A layer by a name that cannot be told is a layer.</summary>
    [Theory]
    [InlineData("self.act = getattr(keras.layers, options.pop('name'))()", "self.act(self.act(x))", "Certain act", "Fail")]
    [InlineData("self.act = getattr(keras.layers, options.pop('name'))()", "self.act(x)", "Pass")]
    public void A_layer_by_a_name_is_a_layer(string init, string given, params string[] expected) => Assert.Equal(expected, Reuse(init, $"return {given}"));

    /// <summary>Two shapes of which nothing is known may be one: a set of them has one element or two.</summary>
    [Fact]
    public void Elements_of_a_set_that_are_not_known_may_be_equal() => Assert.Equal(["Certain fc", "Fail"], Reuse("pass", "return self.fc(self.fc(x[0]))", """
        if not isinstance(input_shape, list) or len(input_shape) < 2:
            raise ValueError("several")
        shapes = set()
        for i in range(len(input_shape)):
            shapes.add(tuple(input_shape[i]))
        if len(shapes) > 1:
            raise ValueError("equal")
        self.fc = keras.layers.Dense(4)
        """));

    /// <summary>The layers that attention builds for itself are there for who derives from it.</summary>
    [Fact]
    public void Attention_has_layers_that_subclasses_call() => Assert.Equal(["Certain _query_dense", "Fail"], Reuse("pass", """
        q, k, v = self._query_dense(x), self._key_dense(x), self._value_dense(x)
        output, scores = self._compute_attention(q, k, v)
        return self._output_dense(output) + self._query_dense(x)
        """, @base: "keras.layers.MultiHeadAttention"));

    [Theory]
    [InlineData("keras.models.clone_model(net)(net(x))", "Pass")]
    [InlineData("keras.models.clone_model(net)(net(net(x)))", "Certain net", "Fail")]
    [InlineData("(lambda other: other(other(x)))(keras.models.clone_model(net))", "Certain net", "Fail")]
    [InlineData("keras.layers.Lambda(lambda t: fc(t))(x)", "Pass")]
    [InlineData("fc(keras.layers.Lambda(lambda t, scale: fc(t) * scale, arguments={'scale': 2})(x))", "Certain fc", "Fail")]
    public void Models_of_models_and_layers_of_functions_run_what_they_hold(string call, params string[] expected)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("model.py");
        File.WriteAllText(path, $"""
            from tensorflow import keras

            def build():
                x = keras.Input((4,))
                fc = keras.layers.Dense(4)
                net = keras.Model(x, keras.layers.Dense(4)(x), name="net")
                return keras.Model(x, {call})
            """);
        Assert.Equal(expected, Reuse(path));
    }
}
