using System.IO.Compression;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>How deep a reader goes is counted: what comes of a file is the same on a thread with little stack and on one with much.</summary>
public sealed class StackTests : IDisposable
{
    private const string Head = "from torch import nn\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. Files().Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_answer_depends_on_the_stack(string name)
    {
        var file = _folder.Write(name, Files().Single(f => f.Name == name).Bytes);
        Assert.Equal(Audit(file, 256 << 10), Audit(file, 128 << 20));
    }

    private static string Audit(string file, int stack)
    {
        var (text, failure) = ("", (Exception?)null);
        var thread = new Thread(
            () =>
            {
                try
                {
                    using var stream = new MemoryStream();
                    JsonLines.Write(stream, Auditor.Default.Audit(new(file, "a"), AuditSettings.Default with { Limits = ReadLimits.Default.WithSeconds(0) })! with { Elapsed = TimeSpan.Zero });
                    text = Encoding.UTF8.GetString(stream.ToArray());
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            stack);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return text;
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Files()
    {
        yield return ("functions.py", Source(Many(400, i => $"def f{i}(m, x):\n    return m(f{i + 1}(m, x) + 0)\n") + "def f400(m, x):\n    return m(x)\n" + Net("        return f0(self.act, x)\n")));
        yield return ("blocks.py", Source(Many(60, i => $"def f{i}(m, x):\n    for j in range(1):\n        if m:\n            try:\n                x = [m(y) for y in [f{i + 1}(m, x)]][0]\n            finally:\n                pass\n    return x\n") + "def f60(m, x):\n    return m(x)\n" + Net("        return f0(self.act, x)\n")));
        yield return ("modules.py", Source(Many(200, i => $"class C{i}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = C{i + 1}()\n    def forward(self, x):\n        return self.a(x)\n") + "class C200(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.ReLU()\n    def forward(self, x):\n        return self.a(self.a(x))\n" + Net("        return self.c(x)\n", "        self.c = C0()\n")));
        yield return ("tests.py", Source(Net(Many(3_000, i => $"        if self.c.t{i}:\n            return x\n") + "        return self.act(self.act(x))\n", "        self.c = c\n")));
        yield return ("expression.py", Source(Net($"        return {Times("(1 + ", 150)}self.act(self.act(x)){Times(")", 150)}\n")));
        yield return ("code.pt", Script("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    return __torch__.f0(x, )\n"
            + Many(90, i => $"def f{i}(x: Tensor) -> Tensor:\n  if True:\n    y = {Times("torch.relu(", 90)}__torch__.f{i + 1}(x, ){Times(")", 90)}\n  return y\n") + "def f90(x: Tensor) -> Tensor:\n  return torch.relu(x)\n"));
        yield return ("lists.py", Source(Net("        a, b = [x], [x]\n        for i in range(800):\n            a, b = [a], [b]\n        return self.act(x) if a == b else self.act(self.act(x))\n")));
    }

    private static byte[] Source(string text) => Encoding.UTF8.GetBytes(Head + text);

    private static byte[] Script(string code)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "m/data.pkl", "\u0080\u0002c__torch__\nM\n)\u0081}X\u0008\0\0\0training\u0089sb.");
            Add(zip, "m/code/__torch__.py", code);
        }

        return stream.ToArray();

        static void Add(ZipArchive zip, string name, string content)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.Latin1.GetBytes(content));
        }
    }

    private static string Net(string forward, string attributes = "") => $"class Net(nn.Module):\n    def __init__(self, c=None):\n        super().__init__()\n        self.act = nn.ReLU()\n{attributes}    def forward(self, x):\n{forward}";

    private static string Times(string text, int count) => Many(count, _ => text);

    private static string Many(int count, Func<int, string> text) => string.Concat(Enumerable.Range(0, count).Select(text));
}
