import torch.nn as nn
import torch.nn.functional as F
from .registry import register_model

__all__ = ['PlainNet']


class PlainNet(nn.Module):
    def __init__(self, width=8, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3)
        self.conv2 = nn.Conv2d(width, width, 3)
        self.act = nn.ReLU()
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        x = self.act(self.conv1(x))
        x = self.act(self.conv2(x))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


@register_model
def plain_tiny(pretrained=False, **kwargs):
    return PlainNet(width=4, **kwargs)
