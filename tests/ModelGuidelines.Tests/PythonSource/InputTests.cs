using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What a model is given: nobody calls it in the file, and what the code does with an argument tells what it is.</summary>
public sealed class InputTests
{
    private static IEnumerable<string> Interfaces(string forward, string init = "")
    {
        var text = $"""
            import torch
            from torch import nn
            import torch.nn.functional as F

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(4, 4)
                    self.convs = nn.ModuleList([nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)])
                    {init}

            {string.Join('\n', forward.ReplaceLineEndings("\n").Split('\n').Select(l => "    " + l))}
            """;
        return Findings(text, "PyTorch.TensorInterface").Select(f => $"{f.Confidence} {f.Direction} {f.Argument} {f.ValueType}");
    }

    private static IReadOnlyList<Finding> Findings(string text, string guideline)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, text);
            return [.. Auditor.Default.Audit(new(path, path), Written.Settings)!.Findings.Where(f => f.Guideline == guideline && f.Outcome is Outcome.Fail)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("def forward(self, x):\n    return self.convs[0](x[0]) + self.convs[1](x[1])", "Likely Input 0 list[Tensor]")]
    [InlineData("def forward(self, maps):\n    return tuple(c(m) for c, m in zip(self.convs, maps))", "Likely Input 0 list[Tensor]")]
    [InlineData("def forward(self, maps):\n    y = 0\n    n = len(maps)\n    for i in range(n):\n        y = y + self.fc(maps[i])\n    return y", "Likely Input 0 list[Tensor]")]
    [InlineData("def forward(self, parts):\n    return self.fc(torch.cat(parts, dim=1))", "Likely Input 0 list[Tensor]")]
    [InlineData("def forward(self, batch):\n    return self.fc(batch['image'])", "Likely Input 0 Dict[str, Tensor]")]
    [InlineData("def forward(self, graph):\n    return self.fc(graph.nodes)", "Likely Input 0 object")]
    [InlineData("def forward(self, graphs):\n    return self.fc(torch.cat([g.nodes for g in graphs], 0))", "Likely Input 0 list[object]")]
    [InlineData("def forward(self, graphs):\n    return tuple(self.fc(g.nodes()) for batch in graphs for g in batch)", "Likely Input 0 list[object]")]
    [InlineData("def forward(self, graphs):\n    return self.fc(graphs[0].nodes)", "Likely Input 0 list[object]")]
    [InlineData("def forward(self, adjacency, x):\n    return torch.sparse.FloatTensor(adjacency._indices(), adjacency._values() / adjacency._nnz(), adjacency.size()).matmul(self.fc(x))")]
    [InlineData("def forward(self, x):\n    return self.fc(x[0]) + x.mean()")] // used as a whole, too
    [InlineData("def forward(self, size):\n    return self.fc(torch.ones(size[0], size[1]))")] // numbers
    [InlineData("def forward(self, x: list[torch.Tensor] | None):\n    return self.fc(x[0])", "Certain Input 0 list[Tensor]")]
    public void What_is_done_with_an_argument_tells_what_it_is(string forward, params string[] expected) => Assert.Equal(expected, Interfaces(forward));

    /// <summary>Elements of an argument may be objects of the file's classes, where the code asks for them.</summary>
    [Fact]
    public void Elements_of_an_argument_may_be_objects()
    {
        const string Text = """
            import torch
            from torch import nn

            class Feature:
                def __init__(self, name):
                    self.name = name

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(4, 4)

                def forward(self, x, features):
                    y = []
                    for f in features:
                        if isinstance(f, Feature):
                            y.append(torch.relu(self.fc(x)))
                    if len(y) == 0:
                        raise ValueError("nothing")
                    return torch.cat(y, 1)
            """;
        Assert.Equal("relu", Assert.Single(Findings(Text, "PyTorch.FunctionalCall")).Operator);
    }

    /// <summary>What names a module is a text, and what is read by it a dictionary; what stands in a container of modules is a module.</summary>
    [Fact]
    public void What_is_read_by_a_name_is_a_dictionary()
    {
        const string Text = """
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self, features):
                    super().__init__()
                    self.features, self.parts = features, nn.ModuleDict()
                    for f in features:
                        self.parts[f.name] = f.layer()

                def forward(self, batch):
                    return torch.cat([self.parts[f.name](batch[f.name].long()) for f in self.features], 1)
            """;
        Assert.Equal("Likely Input 0 Dict[str, Tensor]", Findings(Text, "PyTorch.TensorInterface").Select(f => $"{f.Confidence} {f.Direction} {f.Argument} {f.ValueType}").Single());
    }

    /// <summary>The numbers of a tensor are a list, and a list times a tensor is a longer list.</summary>
    [Theory]
    [InlineData("return self.fc(x), (x[:, 0] - 1).tolist()", "Certain Output 1 list[int]")]
    [InlineData("return self.fc(x), [-1] * x.argmax()", "Certain Output 1 list[int]")]
    [InlineData("n = x[:, 0].tolist()\n    return self.fc(x[:, :max(n)])")]
    public void Numbers_of_tensors_are_no_tensors(string body, params string[] expected)
    {
        Assert.Equal(expected, Interfaces($"def forward(self, x):\n    {body}"));
        Assert.Empty(Findings($"from torch import nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        {body.Replace("\n", "\n    ", StringComparison.Ordinal)}\n", "PyTorch.FunctionalCall"));
    }

    /// <summary>A forward that takes no tensor says so: what it asks for it gets.</summary>
    [Theory]
    [InlineData("if not isinstance(x, dict) or sorted(x.keys()) != ['a', 'b']:\n        raise TypeError\n    return self.fc(self.fc(x['a']))", "Certain Input 0 Dict[str, Tensor]")]
    [InlineData("if not isinstance(x, dict) or set(x) != {'a', 'b'}:\n        raise TypeError\n    return self.fc(self.fc(x['a']))", "Certain Input 0 Dict[str, Tensor]")]
    [InlineData("if not isinstance(x, list):\n        raise TypeError\n    return self.fc(self.fc(x[0]))", "Certain Input 0 list[Tensor]")]
    [InlineData("if isinstance(x, dict):\n        x = x['a']\n    elif isinstance(x, (tuple, list)):\n        x = x[0]\n    else:\n        raise TypeError\n    return self.fc(self.fc(x))", "Likely Input 0 list[Tensor]")]
    [InlineData("assert isinstance(x, (list, tuple))\n    return self.fc(self.fc(x[0]))", "Likely Input 0 list[Tensor]")]
    [InlineData("assert isinstance(x, tuple)\n    return self.fc(self.fc(x[0]))")]
    [InlineData("if not isinstance(x, dict):\n        x = {'a': x}\n    return self.fc(self.fc(x['a']))", "Likely Input 0 Dict[str, Tensor]")] // a tensor will do, too
    [InlineData("if isinstance(x, dict):\n        raise TypeError\n    return self.fc(self.fc(x))")]
    public void What_a_forward_insists_on_it_gets(string body, params string[] expected)
    {
        Assert.Equal(expected, Interfaces($"def forward(self, x):\n    {body}"));
        var text = $"from torch import nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        {body.Replace("\n", "\n    ", StringComparison.Ordinal)}\n";
        Assert.Equal("Certain fc", Findings(text, "PyTorch.ModuleReuse").Select(f => $"{f.Confidence} {f.Module}").Single());
    }

    [Theory]
    [InlineData("def forward(self, x, return_hidden=False):\n    y = self.fc(x)\n    return [x, y] if return_hidden else y", "Likely Output 0 list[Tensor]")]
    [InlineData("def forward(self, x, as_list=False):\n    y = self.fc(x)\n    return [x, y] if as_list else y")] // its default is what callers use
    [InlineData("def forward(self, x, mode=None):\n    y = self.fc(x)\n    return [x, y] if mode == 'both' else y", "Likely Output 0 list[Tensor]")] // what is compared with a text is one
    [InlineData("def forward(self, x, more=None):\n    return self.fc(x) if more is None else [x, more]", "Likely Output 0 list[Tensor]")]
    [InlineData("def forward(self, x, more=None):\n    return [self.fc(x)] if more is None else x", "Certain Output 0 list[Tensor]")] // who gives nothing gets the default
    public void What_callers_give_at_times_is_followed(string forward, params string[] expected) => Assert.Equal(expected, Interfaces(forward));

    [Theory]
    [InlineData("def forward(self, x, y=None):\n    if y is not None:\n        return self.fc(x), y\n    return self.fc(x[:, -1])")] // one call, whoever calls
    [InlineData("def forward(self, x, y=None):\n    x = self.fc(x)\n    return x if y is None else self.fc(x + y)", "Likely fc")]
    [InlineData("def forward(self, x, y=None):\n    x = self.fc(x)\n    return self.fc(x) if y is None else x + y", "Certain fc")] // who gives nothing gets both
    public void Calls_with_and_without_an_argument_are_not_added_up(string forward, params string[] expected)
    {
        var text = $"""
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(4, 4)

            {string.Join('\n', forward.Split('\n').Select(l => "    " + l))}
            """;
        Assert.Equal(expected, Findings(text, "PyTorch.ModuleReuse").Select(f => $"{f.Confidence} {f.Module}"));
    }

    /// <summary>How often is said for a run of which the finding holds, not for all of them together.</summary>
    [Fact]
    public void Calls_of_other_runs_are_not_counted() => Assert.Equal(["module 'fc' is called 2 times; only where cfg.task == \"short\""], Findings("""
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self, cfg):
                super().__init__()
                self.cfg = cfg
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                if self.cfg.task == "short":
                    return self.fc(self.fc(x))
                if self.cfg.task == "long":
                    return self.fc(self.fc(self.fc(x)))
                return self.fc(x)
        """, "PyTorch.ModuleReuse").Select(f => f.Message));

    [Fact]
    public void A_module_at_a_border_is_no_tensor()
    {
        var found = Findings(
            """
            from torch import nn

            class Apply(nn.Module):
                def forward(self, x, layer):
                    return layer(x)

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.apply_to = Apply()
                    self.fc = nn.Linear(4, 4)

                def forward(self, x):
                    return self.apply_to(x, self.fc)
            """,
            "PyTorch.TensorInterface");
        Assert.Equal("Linear", Assert.Single(found).ValueType);
    }

    [Fact]
    public void Models_of_other_settings_are_followed_each()
    {
        var found = Findings(
            """
            from torch import nn
            import torch.nn.functional as F

            class Net(nn.Module):
                def __init__(self, width=4, act=None):
                    super().__init__()
                    self.fc = nn.Linear(width, width)
                    self.act = act

                def forward(self, x):
                    return self.fc(x) if self.act is None else F.gelu(self.fc(x))

            def small():
                return Net()

            def wide():
                return Net(8)

            def active():
                return Net(8, "gelu")
            """,
            "PyTorch.FunctionalCall");
        Assert.Equal("gelu", Assert.Single(found).Operator);
    }

    [Theory]
    [InlineData("pool == 'mean'", "mean")]
    [InlineData("self.pool in ('mean', 'max')", "mean")]
    public void A_text_that_the_class_compares_with_another_is_a_switch(string test, string expected)
    {
        var found = Findings(
            $"""
            from torch import nn

            class Net(nn.Module):
                def __init__(self, pool="cls"):
                    super().__init__()
                    self.pool = pool
                    self.fc = nn.Linear(4, 4)

                def forward(self, x):
                    x = self.fc(x)
                    pool = self.pool
                    return nn.functional.softmax(x.{expected}(dim=1), dim=-1) if {test} else x
            """,
            "PyTorch.FunctionalCall");
        Assert.Equal(Confidence.Likely, Assert.Single(found).Confidence);
    }

    [Theory]
    [InlineData("class SetLoss(nn.Module):\n    def forward(self, x):\n        return nn.functional.relu(x)\n", false)]
    [InlineData("class SetLoss(nn.Module):\n    def forward(self, x):\n        return nn.functional.relu(x)\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.part = SetLoss()\n        self.fc = nn.Linear(2, 2)\n    def forward(self, x):\n        return self.part(self.fc(x).exp())\n", true)]
    public void A_loss_is_no_model_but_may_be_a_part_of_one(string text, bool isModel)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, "from torch import nn\n" + text);
            Assert.Equal(isModel, Auditor.Default.Audit(new(path, path), Written.Settings)!.Error is null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Functions, classes and types are no tensors, whosever they are; and a star import of a library does not make Python's own names the library's.</summary>
    [Theory]
    [InlineData("torch.relu", "function")]
    [InlineData("lambda y: y", "function")]
    [InlineData("nn.ReLU", "type")]
    [InlineData("torch.float16", "dtype")]
    [InlineData("dict(key=x)", "Dict[str, Tensor]")]
    [InlineData("list((x, x))", "list[Tensor]")]
    public void What_is_handed_on_is_no_tensor(string given, string type)
    {
        var found = Findings(
            $"""
            import torch
            from torch import nn
            from typing import *
            from math import *
            from somewhere import *

            class Part(nn.Module):
                def forward(self, x, given):
                    return x

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.part = Part()

                def forward(self, x):
                    return self.part(x, {given})
            """,
            "PyTorch.TensorInterface");
        Assert.Equal(["part Input 1 " + type], found.Select(f => $"{f.Module} {f.Direction} {f.Argument} {f.ValueType}"));
    }
}
