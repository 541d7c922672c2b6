from torch import nn

import missing_library
from .blocks import Block
from ..outside import Secret


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.ReLU()
        self.a = Block(4, act)
        self.b = Block(4, act)
        self.c = Secret()
        self.d = missing_library.make()

    def forward(self, x):
        return self.d(self.d(self.c(self.b(self.a(x)))))
