using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Keras;

/// <summary>What is called .h5 and is not HDF5 is damaged: whatever else is called so has the signature.</summary>
public sealed class Hdf5SignatureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".h5")]
    [InlineData(".hdf5")]
    public void It_is_one_error_named_or_found(string extension)
    {
        var file = _folder.Write($"model{extension}", [.. "a page of a proxy, or the second half of a model"u8]);
        foreach (var asked in new[] { file, Path.GetDirectoryName(file)! })
        {
            var input = Assert.Single(new InputFinder(FormatRegistry.Default).Find(asked));
            Assert.Equal("MG.Hdf5.Signature", Auditor.Default.Audit(input, AuditSettings.Default, TestContext.Current.CancellationToken)?.Error?.Id);
        }
    }
}
