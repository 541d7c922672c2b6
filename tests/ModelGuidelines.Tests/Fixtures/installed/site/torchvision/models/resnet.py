import torch.nn as nn

__all__ = ['ResNet', 'resnet_tiny']


class BasicBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.relu(self.conv1(x))
        out = self.conv2(out)
        out += x
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, layers):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7)
        self.layer1 = nn.Sequential(*[block(8) for _ in range(layers[0])])
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        return self.fc(self.layer1(self.conv1(x)).mean((2, 3)))


def resnet_tiny(*, weights=None, progress=True, **kwargs):
    return ResNet(BasicBlock, [2], **kwargs)
