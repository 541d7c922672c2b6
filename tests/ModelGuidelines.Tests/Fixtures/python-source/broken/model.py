import torch
from torch import nn


def broken(x:
    return x +


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.act(x)).tanh()
