using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Sizes of tensors in a Keras graph under construction decide what is built; what the machine may have set otherwise is taken as installed.</summary>
public sealed class KerasShapeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mg-keras-shapes-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>By Keras' documentation of each layer: for an input of (None, 32, 30, 4) and for a sequence of (None, 20).</summary>
    [Theory]
    [InlineData("x", "(None, 32, 30, 4)")]
    [InlineData("layers.Conv2D(8, 3)(x)", "(None, 30, 28, 8)")]
    [InlineData("layers.Conv2D(8, (3, 5), strides=2, padding='same')(x)", "(None, 16, 15, 8)")]
    [InlineData("layers.Conv2D(8, 3, dilation_rate=2)(x)", "(None, 28, 26, 8)")]
    [InlineData("layers.DepthwiseConv2D(3, depth_multiplier=2)(x)", "(None, 30, 28, 8)")]
    [InlineData("layers.SeparableConv2D(6, 3, padding='same')(x)", "(None, 32, 30, 6)")]
    [InlineData("layers.Conv2DTranspose(8, 3, strides=2)(x)", "(None, 65, 61, 8)")]
    [InlineData("layers.Conv2DTranspose(8, 3, strides=2, padding='same')(x)", "(None, 64, 60, 8)")]
    [InlineData("layers.MaxPooling2D()(x)", "(None, 16, 15, 4)")]
    [InlineData("layers.AveragePooling2D(3, strides=1, padding='same')(x)", "(None, 32, 30, 4)")]
    [InlineData("layers.GlobalAveragePooling2D()(x)", "(None, 4)")]
    [InlineData("layers.GlobalMaxPooling2D(keepdims=True)(x)", "(None, 1, 1, 4)")]
    [InlineData("layers.ZeroPadding2D(((1, 2), (3, 4)))(x)", "(None, 35, 37, 4)")]
    [InlineData("layers.Cropping2D((1, 2))(x)", "(None, 30, 26, 4)")]
    [InlineData("layers.UpSampling2D((2, 3))(x)", "(None, 64, 90, 4)")]
    [InlineData("layers.Flatten()(x)", "(None, 3840)")]
    [InlineData("layers.Reshape((-1, 8))(x)", "(None, 480, 8)")]
    [InlineData("layers.Permute((3, 1, 2))(x)", "(None, 4, 32, 30)")]
    [InlineData("layers.Concatenate()([x, x])", "(None, 32, 30, 8)")]
    [InlineData("layers.Concatenate(axis=1)([x, x])", "(None, 64, 30, 4)")]
    [InlineData("layers.Add()([x, layers.ReLU()(layers.BatchNormalization()(x))])", "(None, 32, 30, 4)")]
    [InlineData("x * layers.Dense(4)(x) + 1", "(None, 32, 30, 4)")]
    [InlineData("keras.activations.relu(-x)", "(None, 32, 30, 4)")]
    [InlineData("layers.Embedding(100, 6)(s)", "(None, 20, 6)")]
    [InlineData("layers.LSTM(5)(layers.Embedding(100, 6)(s))", "(None, 5)")]
    [InlineData("layers.GRU(5, return_sequences=True)(layers.Embedding(100, 6)(s))", "(None, 20, 5)")]
    [InlineData("keras.Model(x, layers.Conv2D(8, 3)(x))(x)", "(None, 30, 28, 8)")]
    [InlineData("tf.reshape(x, [-1, 8, 4, 30, 4])", "(None, 8, 4, 30, 4)")]
    [InlineData("tf.reshape(x, [7, -1])", "(7, None)")]
    [InlineData("tf.transpose(x, [0, 3, 1, 2])", "(None, 4, 32, 30)")]
    [InlineData("keras.ops.transpose(x)", "(4, 30, 32, None)")]
    [InlineData("tf.pad(x, [[0, 0], [1, 2], [0, 3], [0, 0]])", "(None, 35, 33, 4)")]
    [InlineData("tf.concat([x, x], axis=-2)", "(None, 32, 60, 4)")]
    [InlineData("keras.ops.stack([x, x, x], axis=1)", "(None, 3, 32, 30, 4)")]
    [InlineData("tf.split(x, [1, 3], axis=-1)[1]", "(None, 32, 30, 3)")]
    [InlineData("tf.split(x, 2, axis=1)[0]", "(None, 16, 30, 4)")]
    [InlineData("keras.ops.split(x, [10, 14], axis=1)[1]", "(None, 4, 30, 4)")]
    [InlineData("tf.reduce_mean(x, axis=[1, 2])", "(None, 4)")]
    [InlineData("keras.ops.max(x, axis=-1, keepdims=True)", "(None, 32, 30, 1)")]
    [InlineData("keras.ops.squeeze(tf.expand_dims(x, 1), 1)[:, 2:-2, ::2, 0]", "(None, 28, 15)")]
    [InlineData("x @ tf.transpose(x, [0, 1, 3, 2])", "(None, 32, 30, 30)")]
    public void What_Keras_says_of_sizes_is_known(string tensor, string shape)
    {
        Assert.Equal("", Said(tensor, $"y.shape != {shape} or keras.backend.int_shape(y) != {shape}"));
        Assert.Equal("again", Said(tensor, $"y.shape == {shape}"));
    }

    /// <summary>Both ways stay open where nothing says which is built.</summary>
    [Theory]
    [InlineData("layers.Conv2D(8, 3, data_format='channels_first')(x)", "y.shape[-1] == 8")]
    [InlineData("layers.Conv2D(8, 3, **options)(x)", "y.shape[1] == 30")]
    [InlineData("layers.Lambda(lambda t: t[:, 1:])(x)", "y.shape[1] == 31")]
    [InlineData("tf.reshape(x, tf.shape(x))", "y.shape[1] == 32")]
    [InlineData("tf.matmul(x, x, transpose_b=True)", "y.shape[-1] == 32")]
    [InlineData("tf.reduce_mean(x, axis=n)", "len(y.shape) == 3")]
    [InlineData("keras.Input((n, 30, 4))", "y.shape[1] == 32")]
    public void What_is_not_known_goes_either_way(string tensor, string test) => Assert.Equal("again?", Said(tensor, test));

    [Theory]
    [InlineData("keras.backend.image_data_format() == 'channels_first'", "")]
    [InlineData("os.getenv('BACKEND', 'tensorflow') != 'tensorflow'", "")]
    [InlineData("os.environ.get('ROUNDS', '2') == '2'", "again")]
    [InlineData("os.environ.get('ROUNDS') == '2'", "again?")]
    [InlineData("given(**locals())", "again")]
    [InlineData("name.lower().startswith('relu') and not name.lower().startswith('relu')", "")]
    public void What_code_takes_when_nobody_says_otherwise_is_taken(string test, string expected) => Assert.Equal(expected, Said("x", test));

    /// <summary>A function that another runs, for the parts of a structure or the elements of a tensor, is run.</summary>
    [Theory]
    [InlineData("tree.map_structure(again, {'a': [x], 'b': x})['a'][0]", "again")]
    [InlineData("tree.map_structure(lambda t: again(t), [x, x])[1]", "again")]
    [InlineData("tf.nest.map_structure(lambda a, b: again(a + b), [x], [x])[0]", "again")]
    [InlineData("keras.tree.map_structure(lambda t: t + 1, [x, x])[0]", "")]
    [InlineData("tf.map_fn(lambda t: t + 1, x)", "")]
    [InlineData("again(x) if tf.as_dtype('int32') == tf.int32 else x", "again")]
    [InlineData("again(x) if tf.as_dtype('int32') == tf.string else x", "")]
    public void Functions_that_are_given_run(string tensor, string expected) => Assert.Equal(expected, Said(tensor, "False"));

    private string Said(string tensor, string test)
    {
        var path = Path.Join(_folder.FullName, "net.py");
        File.WriteAllText(path, $"""
            import os
            import keras
            import tensorflow as tf
            import tree
            from keras import layers

            def given(activation=None, **others):
                return activation == "gelu"

            def build(n, name, options, activation="gelu"):
                x, s = keras.Input((32, 30, 4)), keras.Input((20,))
                again = layers.Activation("relu", name="again")
                y = {tensor}
                z = again(y)
                if {test}:
                    z = again(z)
                return keras.Model([x, s], z)
            """);
        var result = Auditor.Default.Audit(new(path, "net.py"), Written.Settings)!;
        Assert.Null(result.Error);
        return string.Join(' ', result.Findings.Where(f => f.Guideline == "Keras.LayerReuse").Select(f => $"{f.Module}{(f.Confidence is Confidence.Likely ? "?" : "")}"));
    }
}
