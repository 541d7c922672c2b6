from .resnet import *
from .video import *
