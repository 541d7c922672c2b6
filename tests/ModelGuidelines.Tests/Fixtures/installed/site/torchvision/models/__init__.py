from .resnet import *
from .video import swin_tiny
