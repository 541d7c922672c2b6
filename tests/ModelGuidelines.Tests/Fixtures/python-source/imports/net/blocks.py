import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, width, act):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.act = act

    def forward(self, x):
        return F.gelu(self.act(self.fc(x)))
