import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.act = nn.ReLU()

    def forward(self, x):
        return x + self.act(self.conv(x))


class Net(nn.Module):
    """Three instances of one class: each has a ReLU of its own."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block(), Block())

    def forward(self, x):
        return self.blocks(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.jit.save(torch.jit.freeze(torch.jit.trace(Net().eval(), torch.randn(1, 3, 8, 8))), "blocks.pt")
