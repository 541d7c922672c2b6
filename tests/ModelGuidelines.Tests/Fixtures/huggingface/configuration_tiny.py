from transformers import PretrainedConfig


class TinyConfig(PretrainedConfig):
    model_type = "tiny"

    def __init__(self, hidden_size=64, num_layers=4, hidden_act="relu", share=False, scale=None, **kwargs):
        super().__init__(**kwargs)
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.hidden_act = hidden_act
        self.share = share
        self.scale = scale
