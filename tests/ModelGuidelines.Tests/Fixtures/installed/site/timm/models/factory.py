from .registry import model_entrypoint


def create_model(model_name, pretrained=False, **kwargs):
    kwargs = {k: v for k, v in kwargs.items() if v is not None}
    return model_entrypoint(model_name)(pretrained=pretrained, **kwargs)
