from .factory import create_model
from .plain import *
from .other import *
