import torch.nn.functional as F
from torch import nn


class Secret(nn.Module):
    def forward(self, x):
        return F.relu(F.elu(x))
