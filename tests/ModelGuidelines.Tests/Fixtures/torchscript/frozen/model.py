import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.act = nn.ReLU()

    def forward(self, x):
        return x + self.act(self.conv(x))


class Blocks(nn.Module):
    """Three instances of one class: each has a ReLU of its own."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block(), Block())

    def forward(self, x):
        return self.blocks(x)


class WeightReader(nn.Module):
    """A function on a module's weight is no call of the module."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(F.linear(x, self.fc.weight))


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.jit.save(torch.jit.freeze(torch.jit.trace(Blocks().eval(), torch.randn(1, 3, 8, 8))), "blocks.pt")
    torch.jit.save(torch.jit.freeze(torch.jit.trace(WeightReader().eval(), torch.randn(2, 4))), "weight_reader.pt")
