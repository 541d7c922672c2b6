import torch
from torch import nn
import torch.nn.functional as F
from transformers import PreTrainedModel
from transformers.modeling_outputs import TokenClassifierOutput
from .configuration_tiny import TinyConfig


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fc = nn.Linear(config.hidden_size, config.hidden_size)
        self.config = config

    def forward(self, x):
        x = self.fc(x)
        if self.config.hidden_act == "gelu":
            return F.gelu(x)
        return F.relu(x)


class TinyForTagging(PreTrainedModel):
    config_class = TinyConfig

    def __init__(self, config):
        super().__init__(config)
        self.embed = nn.Embedding(100, config.hidden_size)
        block = Block(config)
        self.layers = nn.ModuleList([block if config.share else Block(config) for _ in range(config.num_layers)])
        self.head = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, labels=None, return_dict=None):
        return_dict = return_dict if return_dict is not None else self.config.use_return_dict
        x = self.embed(input_ids)
        for layer in self.layers:
            x = layer(x)
        logits = self.head(x)
        loss = None
        if labels is not None:
            loss = F.cross_entropy(logits, labels)
        if not return_dict:
            return (logits,)
        return TokenClassifierOutput(loss=loss, logits=logits)


class Unused(nn.Module):
    def forward(self, x):
        return F.silu(x)
