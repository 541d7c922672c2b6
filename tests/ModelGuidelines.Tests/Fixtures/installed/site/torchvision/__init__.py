from torchvision import models
