import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import resnet_tiny


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = resnet_tiny(weights=None)

    def forward(self, x):
        return F.softmax(self.backbone(x), dim=-1)
