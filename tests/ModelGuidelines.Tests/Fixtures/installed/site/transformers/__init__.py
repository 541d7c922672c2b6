from typing import TYPE_CHECKING

_import_structure = {"models.tiny": ["TinyConfig", "TinyModel"], "models.large": ["LargeModel"]}

if TYPE_CHECKING:
    from .models.tiny import *
    from .models.large import LargeModel
else:
    import sys
    from .lazy import _LazyModule
    sys.modules[__name__] = _LazyModule(__name__, globals()["__file__"], _import_structure)
