import torch.nn as nn
import torch.nn.functional as F


class TinyConfig:
    def __init__(self, hidden_size=16, hidden_act='gelu'):
        self.hidden_size = hidden_size
        self.hidden_act = hidden_act


class TinyModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.fc = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x):
        x = self.fc(x)
        if self.config.hidden_act == 'gelu':
            return {'last_hidden_state': F.gelu(x)}
        return {'last_hidden_state': F.relu(x)}
