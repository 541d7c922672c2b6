using System.Text;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;
using Xunit;

namespace ModelGuidelines.Tests.Reports;

public sealed class ReportReaderTests
{
    [Theory]
    [InlineData("""{"schemaVersion": "2.7", "files": [], "findings": [], "later": 1}""", null)]
    [InlineData("""{"schemaVersion": "1.0", "files": [], "findings": []}""", null)]
    [InlineData("""{"files": [], "findings": []}""", null)]
    [InlineData("""{"schemaVersion": "99.0", "files": [], "findings": []}""", "MG.Report.SchemaVersion")]
    [InlineData("""{"schemaVersion": "next", "files": [], "findings": []}""", "MG.Report.SchemaVersion")]
    [InlineData("""{"version": "2.1.0", "runs": [{}]}""", null)]
    [InlineData("""{"version": "3.0.0", "runs": [{}]}""", "MG.Report.SchemaVersion")]
    public void What_a_later_schema_means_nobody_knows(string report, string? error)
    {
        var thrown = Record.Exception(() => ReportReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(report))));
        Assert.Equal(error, (thrown as ModelReadException)?.Id);
        Assert.Equal(error is null, thrown is null);
    }
}
