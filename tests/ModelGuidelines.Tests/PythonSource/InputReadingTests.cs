namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Arguments of forward that are no tensors, as what the code does with them and asks of them says.</summary>
public sealed class InputReadingTests
{
    /// <summary>What is compared with a text, or has a method of texts, is a text, and its values decide: such a branch was taken to be never run, and the file passed.</summary>
    [Theory]
    [InlineData("mode == 'fast'")]
    [InlineData("mode in ('fast', 'slow')")]
    [InlineData("mode.startswith('f')")]
    [InlineData("('is_' + mode) == 'is_fast'")]
    public void AnArgumentIsAText(string test) => Assert.Equal(["FunctionalCall  relu Likely", "ModuleReuse fc torch.nn.Linear Likely", "TensorInterface  str Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, mode):
                if {{test}}:
                    return F.relu(self.fc(self.fc(x)))
                return self.fc(x)
        """));

    /// <summary>What is a size, a bound of a part, a dimension or a count of rounds is a number, and products with it are no functions: they were, Certain.</summary>
    [Theory]
    [InlineData("x.view(x.shape[0], -1, n)")]
    [InlineData("x.reshape((x.shape[0], n, -1))")]
    [InlineData("x[:, :n]")]
    [InlineData("x[..., ::n]")]
    [InlineData("F.interpolate(x, scale_factor=n)")]
    [InlineData("F.interpolate(x, size=(n, x.shape[3]))")]
    [InlineData("x.sum(dim=n)")]
    [InlineData("self.fold(x, n)")]
    public void AnArgumentIsANumber(string use) => Assert.Equal(["TensorInterface  int Likely"], Written.Said($$"""
        class Net(nn.Module):
            def fold(self, x, times):
                for _ in range(times):
                    x = x.flatten(1)
                return x

            def forward(self, x, n):
                size = x.shape[-1] * n // 2
                y = {{use}}
                return y[:, :size]
        """).Where(f => !f.Contains("interpolate", StringComparison.Ordinal) && !f.Contains(" sum ", StringComparison.Ordinal)));

    /// <summary>It is a tensor where it is one in other uses, and where nothing but products says what it is.</summary>
    [Theory]
    [InlineData("self.fc(n)[:, :n]")]
    [InlineData("x * n")]
    [InlineData("torch.relu(n) + x.sum(dim=n)")]
    public void AnArgumentIsNoNumber(string use) => Assert.Contains("FunctionalCall  mul Certain", Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, n):
                return {{use}} + x.shape[-1] * n
        """));

    /// <summary>Results are put into a dictionary that is handed in, which calls nothing.</summary>
    [Theory]
    [InlineData("m.update({'y': self.fc(x)})")]
    [InlineData("m.update(y=self.fc(x))")]
    [InlineData("m.setdefault('y', self.fc(x))")]
    public void ResultsArePutIntoAnArgument(string put) => Assert.Equal(["TensorInterface  Dict[str, Tensor] Likely"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, m):
                {{put}}
                return x
        """));

    /// <summary>Elements of an argument that only meet each other and numbers may be numbers (sizes that are handed on), unless others of them are tensors.</summary>
    /// <summary>Code that names all elements is given a tuple, as recurrent cells are; code that takes one by its number may be given either.</summary>
    [Theory]
    [InlineData("h, c = state", new string[0])]
    [InlineData("(h, c), d = state, x", new string[0])]
    [InlineData("h, c = state[0], state[1]", new[] { "TensorInterface  list[Tensor] Likely" })]
    public void ElementsAreNamed(string taken, string[] said) => Assert.Equal(said, Written.Said($$"""
        import torch
        from torch import nn


        class Cell(nn.Module):
            def __init__(self):
                super().__init__()
                self.gate = nn.Linear(8, 4)

            def forward(self, x, state):
                {{taken}}
                return self.gate(h), torch.relu(c)

        """).Where(s => s.StartsWith("TensorInterface", StringComparison.Ordinal)));

    [Theory]
    [InlineData("h, w = m", "h * w", "Likely")]
    [InlineData("h, w = m[0], m[1]", "h * w", "Likely")]
    [InlineData("h = m['size'][0]", "h * 2", "Likely")]
    [InlineData("h, w = m", "self.fc(h) + h * w", "Certain")]
    [InlineData("h, w = m", "x + x * w", "Certain")]
    [InlineData("h = m['scale']", "h * 2", "Certain")]
    public void ElementsMayBeNumbers(string taken, string used, string confidence) => Assert.Contains($"FunctionalCall  mul {confidence}", Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, m):
                {{taken}}
                return {{used}}
        """));

    /// <summary>What code asks an argument to be, its callers give.</summary>
    [Theory]
    [InlineData("isinstance(m, str)", "TensorInterface  str Likely")]
    [InlineData("isinstance(m, (list, set))", "TensorInterface  list[Tensor] Likely")]
    [InlineData("isinstance(m, dict)", "TensorInterface  Dict[str, Tensor] Likely")]
    [InlineData("isinstance(m, (int, float))", "TensorInterface  int Likely")]
    [InlineData("m is None", "")]
    public void AnArgumentMayBeWhatIsAskedFor(string test, string border)
    {
        var findings = Written.Said($$"""
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(4, 4)

                def forward(self, x, m):
                    if {{test}}:
                        return F.relu(self.fc(x))
                    return F.gelu(self.fc(x) * m)
            """).ToList();
        Assert.Contains("FunctionalCall  relu Likely", findings);
        Assert.Equal(border.Length == 0 ? [] : [border], findings.Where(f => f.StartsWith("TensorInterface", StringComparison.Ordinal)));
        Assert.Contains($"FunctionalCall  gelu {(test == "m is None" ? "Certain" : "Likely")}", findings);
    }

    /// <summary>Of an array a tensor is made; what is done with the array before is numpy's.</summary>
    [Theory]
    [InlineData("torch.from_numpy(m)", "Certain")]
    [InlineData("torch.FloatTensor(m)", "Likely")]
    public void AnArgumentIsAnArray(string made, string confidence) => Assert.Equal(["FunctionalCall  mul Certain", $"TensorInterface  ndarray {confidence}"], Written.Said($$"""
        import numpy as np

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, m):
                return self.fc(x) * {{made}}
        """));

    /// <summary>A text that names an attribute or a module is no tensor, and what is joined to a text is no sum.</summary>
    [Theory]
    [InlineData("self.heads[kind](x)")]
    [InlineData("getattr(self, kind)(x)")]
    [InlineData("getattr(self, f'to_{kind}')(x)")]
    [InlineData("getattr(self, 'to_' + kind)(x)")]
    [InlineData("self.named[kind](x)")]
    public void AnArgumentNamesAModule(string call) => Assert.Equal(["TensorInterface  str Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.near, self.to_near = nn.Linear(4, 4), nn.Linear(4, 4)
                self.far, self.to_far = nn.Linear(4, 4), nn.Linear(4, 4)
                self.heads = nn.ModuleDict({"near": nn.Linear(4, 4), "far": nn.Linear(4, 4)})
                self.named = {"near": self.near, "far": self.far}

            def forward(self, x, kind):
                return {{call}}
        """));

    /// <summary>What a model hands a part of it as a name, one of a list that is not known, is a text there.</summary>
    [Fact]
    public void AModelHandsOnANameThatIsNotKnown() => Assert.Contains("TensorInterface speed str Likely", Written.Said("""
        class Speed(nn.Module):
            def __init__(self, kinds):
                super().__init__()
                for kind in set(kinds):
                    self.register_buffer(f"{kind}_speed", torch.arange(4).float())

            def forward(self, x, kind):
                return x * getattr(self, f"{kind}_speed")

        class Net(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.kinds = config.kinds
                self.speed = Speed(self.kinds)

            def forward(self, x):
                return tuple(self.speed(x, kind) for kind in self.kinds)
        """));

    /// <summary>What a caller may leave out is None at a border when it is left out: not in every run.</summary>
    [Fact]
    public void WhatIsLeftOutIsNotNoneInEveryRun() => Assert.Equal(["FunctionalCall  add Certain", "TensorInterface inner None Likely"], Written.Said("""
        class Inner(nn.Module):
            def forward(self, x, mask=None):
                return x if mask is None else x.view(-1)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Inner()

            def forward(self, x, mask=None):
                return self.inner(x, mask) + 1
        """));

    /// <summary>A tensor is no text: what is compared with one and a text is decided.</summary>
    [Fact]
    public void ATensorIsNoText() => Assert.Empty(Written.Said("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                y = self.fc(x)
                return y.tanh() if y == "fast" else y
        """));

    /// <summary>What the code asks an argument to be, some callers give: a class of its own, too. Such a branch was taken to be never run.</summary>
    [Theory]
    [InlineData("isinstance(x, Wrapped)")]
    [InlineData("not not isinstance(x, (list, Wrapped))")]
    public void AnArgumentMayBeAnObject(string test) => Assert.Subset(Written.Said($$"""
        class Wrapped:
            def __init__(self, tensors):
                self.tensors = tensors

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                if {{test}}:
                    return F.relu(self.fc(self.fc(x.tensors)))
                return self.fc(x)
        """).ToHashSet(), new HashSet<string> { "FunctionalCall  relu Likely", "ModuleReuse fc torch.nn.Linear Likely" });
}
