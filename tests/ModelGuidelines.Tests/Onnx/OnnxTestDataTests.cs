using ModelGuidelines.Audit;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>The ONNX project's own test models, where Debian's libonnx-testdata is installed.</summary>
public sealed class OnnxTestDataTests
{
    [Fact]
    public void All_are_audited_without_an_error()
    {
        const string Folder = "/usr/share/libonnx-testdata/data";
        var folder = Directory.Exists(Folder) ? Folder : null;
        if (folder is null)
        {
            Assert.Skip("needs the ONNX test models of Debian's package libonnx-testdata, which is not installed");
        }

        var files = Directory.GetFiles(folder, "*.onnx", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.Null(Auditor.Default.Audit(new(f, f), AuditSettings.Default)!.Error));
    }
}
