import torch
from torch import nn


class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.fc(self.act(x)))


class Large(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))


class Net(nn.Module):
    def __init__(self, block, depths, width=4):
        super().__init__()
        self.stages = nn.Sequential(*(self._stage(block, d, width) for d in depths))
        if width > 8:
            self.extra = nn.Linear(width, width)

    @staticmethod
    def _stage(block, depth, width):
        return nn.Sequential(*[block(width) for _ in range(depth)])

    def forward(self, x):
        return self.stages(x)


def _net(block, depths, **kwargs):
    return Net(block, depths, **kwargs)


def net18(**kwargs):
    return _net(Small, [1, 2], **kwargs)


def net34(**kwargs):
    return _net(Small, [2, 2], **kwargs)


def net50(**kwargs):
    return _net(Large, [1], **kwargs)
