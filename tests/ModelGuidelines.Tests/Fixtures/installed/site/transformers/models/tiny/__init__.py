from .modeling_tiny import TinyConfig, TinyModel
