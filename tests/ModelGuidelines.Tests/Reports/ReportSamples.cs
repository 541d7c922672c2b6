using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Reports;

/// <summary>Results with everything in them that a report has to show, hostile names included.</summary>
internal static class ReportSamples
{
    public const string Hostile = "=cmd|'/c calc'!A1,\"x\"\r\n\u001b[31m<script>|`*";

    public static AuditReport Report { get; } = new(Make());

    private static AuditResult[] Make()
    {
        var descriptors = GuidelineCatalog.All.ToDictionary(g => g.Descriptor.Id, g => g.Descriptor);
        Finding Base(string guideline, Severity severity, string message) => new()
        {
            Guideline = guideline,
            Severity = severity,
            Message = message,
            Path = "models/net.onnx",
            Format = "Onnx",
            Framework = Framework.PyTorch,
            HelpUri = descriptors[guideline].HelpUri,
            Fingerprint = "0123456789abcdef",
            Place = $"{guideline} | Net",
            InstanceCount = 1,
            Instances = [""],
            Models = ["Net"],
        };
        var reuse = Base("PyTorch.ModuleReuse", Severity.Error, "module 'layer1.0.relu' (also registered as 'act') is called 2 times") with
        {
            Module = "layer1.0.relu",
            Instances = ["layer1.0.relu", "layer1.1.relu"],
            InstanceCount = 2,
            Snippet = "return self.relu(x + y)",
            ModuleType = "torch.nn.modules.activation.ReLU",
            Aliases = ["act"],
            CallCount = 2,
            Calls = [new("layer1.0", "/layer1/layer1.0/relu/Relu", new("net.py", 10)), new("layer1.0", "/layer1/layer1.0/relu_1/Relu", new("net.py", 12, 9))],
            Node = "/layer1/layer1.0/relu_1/Relu",
            Location = new("net.py", 12, 9),
            Recommendation = "define an identical module for each further use, for example 'layer1.0.relu2'",
        };
        var function = Base("PyTorch.FunctionalCall", Severity.Warning, "function 'relu' is called in the forward of the root module; it could be a module of the same name") with
        {
            Module = "",
            Operator = "relu",
            Replacement = "torch.nn.ReLU",
            Confidence = Confidence.Likely,
            Conditions = ["config.act == \"relu\""],
            Node = "/Relu",
            OpType = "Relu",
            Recommendation = "define torch.nn.ReLU in __init__ and call it",
        };
        var border = Base("PyTorch.TensorInterface", Severity.Error, "output '0' of the root module is Dict[str, Tensor], not a tensor or a tuple of tensors") with
        {
            Module = "",
            Direction = ValueDirection.Output,
            Argument = "0",
            ValueType = "Dict[str, Tensor]",
        };
        var hostile = Base("PyTorch.FunctionalCall", Severity.Information, ModelGuidelines.Reports.Printable.Text($"function '{Hostile}'")) with { Module = Hostile, Instances = [Hostile], Operator = "add", Path = "models/[bad] name.onnx" };
        return
        [
            new()
            {
                Path = "models/net.onnx",
                Format = "Onnx",
                Exporter = "PyTorch 2.13.0 (TorchScript-based exporter)",
                Framework = Framework.PyTorch,
                Elapsed = TimeSpan.FromMilliseconds(12.5),
                Guidelines = [new("PyTorch.FunctionalCall", Outcome.Fail, null), new("PyTorch.ModuleReuse", Outcome.Fail, null), new("PyTorch.TensorInterface", Outcome.Fail, null), new("Keras.ModelApi", Outcome.NotApplicable, "a guideline for Keras models; this is a PyTorch model")],
                Findings = [reuse, function, border],
            },
            new()
            {
                Path = "models/[bad] name.onnx",
                Format = "Onnx",
                Framework = Framework.PyTorch,
                Guidelines = [new("PyTorch.FunctionalCall", Outcome.Pass, "what is folded does not show"), new("PyTorch.ModuleReuse", Outcome.Undecidable, "the exporter keeps no scopes; export with PyTorch 1.13 or newer, or audit the source")],
                Findings = [hostile],
                Suppressed = 1,
            },
            new() { Path = "models/clean.keras", Format = "KerasArchive", Framework = Framework.Keras, Guidelines = [new("Keras.LayerReuse", Outcome.Pass, null)] },
            new() { Path = "models/cut.onnx", Format = "Onnx", Error = new("MG.Onnx.Truncated", "the file ends within a message", 4711) },
        ];
    }
}
