"""What PyTorch says of sizes: run it, and every line holds. The engine must know each of them without running it."""
import torch
from torch import nn
import torch.nn.functional as F


def t(*sizes):
    return torch.zeros(*sizes)


def all_of(tensors):
    return [tuple(x.shape) for x in tensors]


class Net(nn.Module):
    def forward(self, x):
        # Views.
        assert t(2, 3, 4).shape == (2, 3, 4)
        assert t(2, 3, 4).size() == (2, 3, 4)
        assert t(2, 3, 4).size(-1) == 4
        assert t(2, 3, 4).dim() == 3
        assert t(2, 3, 4).ndim == 3
        assert len(t(2, 3, 4)) == 2
        assert t(2, 3, 4).numel() == 24
        assert t(2, 3, 4).view(-1).shape == (24,)
        assert t(2, 3, 4).view(2, -1, 2).shape == (2, 6, 2)
        assert t(2, 3, 4).reshape((6, -1)).shape == (6, 4)
        assert torch.reshape(t(2, 3, 4), (4, -1)).shape == (4, 6)
        assert t(2, 3, 4).view_as(t(6, 4)).shape == (6, 4)
        assert t(2, 3, 4, 5).flatten(2).shape == (2, 3, 20)
        assert torch.flatten(t(2, 3, 4, 5), 1, 2).shape == (2, 12, 5)
        assert t(2, 12).unflatten(1, (3, -1)).shape == (2, 3, 4)
        assert t(2, 3, 4).permute(2, 0, 1).shape == (4, 2, 3)
        assert t(2, 3, 4).permute((0, -1, 1)).shape == (2, 4, 3)
        assert t(2, 3, 4).transpose(-2, -1).shape == (2, 4, 3)
        assert t(2, 3).t().shape == (3, 2)
        assert t(2, 3).T.shape == (3, 2)
        assert t(2, 3, 4).mT.shape == (2, 4, 3)
        assert t(2, 3).unsqueeze(1).unsqueeze(-1).shape == (2, 1, 3, 1)
        assert t(2, 1, 3).squeeze(1).shape == (2, 3)
        assert t(2, 1, 3).squeeze(2).shape == (2, 1, 3)
        assert t(2, 1, 3, 1).squeeze().shape == (2, 3)
        assert t(1, 3, 1).expand(4, -1, 5).shape == (4, 3, 5)
        assert t(3, 1).expand(2, 3, 4).shape == (2, 3, 4)
        assert t(2, 3).repeat(2, 1, 3).shape == (2, 2, 9)
        assert t(2, 3).expand_as(t(4, 2, 3)).shape == (4, 2, 3)
        assert t(2, 3, 4).select(1, 0).shape == (2, 4)
        assert t(2, 3, 4).narrow(2, 1, 2).shape == (2, 3, 2)
        # Elements.
        assert t(2, 3, 4)[0].shape == (3, 4)
        assert t(2, 3, 4)[:, 1].shape == (2, 4)
        assert t(2, 3, 4)[..., 0].shape == (2, 3)
        assert t(2, 3, 4)[:, None].shape == (2, 1, 3, 4)
        assert t(2, 3, 4)[:, 1:, ::2].shape == (2, 2, 2)
        assert t(2, 9, 4)[:, -3:-1].shape == (2, 2, 4)
        assert t(2, 9, 4)[:, 8:20].shape == (2, 1, 4)
        assert t(2, 9)[None, ..., None].shape == (1, 2, 9, 1)
        # Parts and joins.
        assert torch.cat([t(2, 3), t(2, 5)], dim=1).shape == (2, 8)
        assert torch.cat((t(2, 3), t(1, 3))).shape == (3, 3)
        assert torch.stack([t(2, 3), t(2, 3)], -1).shape == (2, 3, 2)
        assert all_of(t(2, 7).chunk(3, dim=1)) == [(2, 3), (2, 3), (2, 1)]
        assert all_of(t(2, 9).chunk(4, -1)) == [(2, 3), (2, 3), (2, 3)]
        assert all_of(t(2, 7).split(3, dim=1)) == [(2, 3), (2, 3), (2, 1)]
        assert all_of(torch.split(t(2, 7), [5, 2], dim=-1)) == [(2, 5), (2, 2)]
        assert all_of(t(3, 2, 4).unbind(0)) == [(2, 4), (2, 4), (2, 4)]
        # Elements combined, and along dimensions.
        assert (t(2, 3, 1) + t(4)).shape == (2, 3, 4)
        assert (t(2, 3) * 2 - 1).shape == (2, 3)
        assert torch.where(t(2, 1) > 0, t(3), 0.0 * t(1)).shape == (2, 3)
        assert t(2, 3).masked_fill(t(2, 3) == 0, 1.0).shape == (2, 3)
        assert t(2, 3, 4).mean([1, 2]).shape == (2,)
        assert t(2, 3, 4).mean((1, 2), keepdim=True).shape == (2, 1, 1)
        assert t(2, 3, 4).sum(-1, True).shape == (2, 3, 1)
        assert t(2, 3, 4).sum().shape == ()
        assert t(2, 3, 4).var(1, unbiased=False, keepdim=True).shape == (2, 1, 4)
        assert t(2, 3, 4).amax(dim=1).shape == (2, 4)
        assert all_of(t(2, 3, 4).max(dim=1)) == [(2, 4), (2, 4)]
        assert torch.max(t(2, 1), t(3)).shape == (2, 3)
        assert t(2, 3, 4).norm(2, -1, keepdim=True).shape == (2, 3, 1)
        assert t(2, 3, 4).softmax(-1).shape == (2, 3, 4)
        assert F.normalize(t(2, 3), dim=-1).shape == (2, 3)
        assert F.glu(t(2, 8, 3), 1).shape == (2, 4, 3)
        # Products.
        assert (t(2, 3, 4) @ t(4, 5)).shape == (2, 3, 5)
        assert torch.matmul(t(7, 1, 3, 4), t(2, 4, 5)).shape == (7, 2, 3, 5)
        assert torch.bmm(t(2, 3, 4), t(2, 4, 5)).shape == (2, 3, 5)
        assert torch.baddbmm(t(2, 3, 5), t(2, 3, 4), t(2, 4, 5)).shape == (2, 3, 5)
        assert torch.einsum('bhnd,bhmd->bhnm', t(1, 2, 3, 4), t(1, 2, 5, 4)).shape == (1, 2, 3, 5)
        assert F.linear(t(2, 3, 4), t(7, 4)).shape == (2, 3, 7)
        # Images.
        assert F.conv2d(t(2, 3, 33, 32), t(8, 3, 3, 5), None, 2, 1).shape == (2, 8, 17, 15)
        assert F.conv2d(t(2, 4, 9, 9), t(4, 1, 3, 3), padding='same', groups=4).shape == (2, 4, 9, 9)
        assert F.conv1d(t(2, 3, 32), t(8, 3, 3), dilation=2).shape == (2, 8, 28)
        assert F.conv_transpose2d(t(2, 3, 8, 8), t(3, 5, 3, 3), stride=2, padding=1, output_padding=1).shape == (2, 5, 16, 16)
        assert F.max_pool2d(t(2, 3, 9, 9), 3, 2, 1).shape == (2, 3, 5, 5)
        assert F.max_pool2d(t(2, 3, 8, 8), 3, 2, ceil_mode=True).shape == (2, 3, 4, 4)
        assert F.max_pool2d(t(2, 3, 5, 5), 2, 2, 1, ceil_mode=True).shape == (2, 3, 3, 3)
        assert F.avg_pool2d(t(2, 3, 9, 8), 2).shape == (2, 3, 4, 4)
        assert F.adaptive_avg_pool2d(t(2, 3, 9, 8), (None, 2)).shape == (2, 3, 9, 2)
        assert F.adaptive_avg_pool2d(t(2, 3, 9, 8), 1).shape == (2, 3, 1, 1)
        assert F.interpolate(t(2, 3, 7, 8), scale_factor=1.5).shape == (2, 3, 10, 12)
        assert F.interpolate(t(2, 3, 7, 8), size=(5, 6), mode='bilinear').shape == (2, 3, 5, 6)
        assert F.interpolate(t(2, 3, 7, 8), size=5).shape == (2, 3, 5, 5)
        assert F.pad(t(2, 3, 4), (1, 2, 3, 0)).shape == (2, 6, 7)
        assert F.pixel_shuffle(t(2, 8, 3, 4), 2).shape == (2, 2, 6, 8)
        assert F.pixel_unshuffle(t(2, 2, 6, 8), 2).shape == (2, 8, 3, 4)
        assert F.grid_sample(t(2, 3, 4, 5), t(2, 7, 8, 2)).shape == (2, 3, 7, 8)
        # Modules.
        assert nn.Linear(4, 7)(t(2, 3, 4)).shape == (2, 3, 7)
        assert nn.Conv2d(3, 8, 7, stride=2, padding=3)(t(1, 3, 224, 225)).shape == (1, 8, 112, 113)
        assert nn.Conv2d(3, 8, (3, 1), padding='same')(t(1, 3, 10, 11)).shape == (1, 8, 10, 11)
        assert nn.Conv3d(3, 8, 3)(t(1, 3, 5, 6, 7)).shape == (1, 8, 3, 4, 5)
        assert nn.ConvTranspose2d(3, 5, 2, stride=2)(t(2, 3, 8, 9)).shape == (2, 5, 16, 18)
        assert nn.MaxPool2d(3, 2, 1)(t(2, 3, 112, 112)).shape == (2, 3, 56, 56)
        assert nn.AvgPool2d(2, ceil_mode=True)(t(2, 3, 7, 7)).shape == (2, 3, 4, 4)
        assert nn.AvgPool1d(3, stride=1, padding=1)(t(2, 3, 7)).shape == (2, 3, 7)
        assert nn.AdaptiveAvgPool2d((2, None))(t(2, 3, 9, 8)).shape == (2, 3, 2, 8)
        assert nn.Upsample(scale_factor=2)(t(2, 3, 4, 5)).shape == (2, 3, 8, 10)
        assert nn.ZeroPad2d((0, 1, 2, 3))(t(2, 3, 4, 5)).shape == (2, 3, 9, 6)
        assert nn.ReflectionPad2d(1)(t(2, 3, 4, 5)).shape == (2, 3, 6, 7)
        assert nn.PixelShuffle(2)(t(2, 8, 3, 4)).shape == (2, 2, 6, 8)
        assert nn.Flatten()(t(2, 3, 4, 5)).shape == (2, 60)
        assert nn.Unflatten(1, (3, 4))(t(2, 12)).shape == (2, 3, 4)
        assert nn.Embedding(10, 6)(t(2, 3).long()).shape == (2, 3, 6)
        assert nn.LayerNorm(4)(t(2, 3, 4)).shape == (2, 3, 4)
        assert nn.BatchNorm2d(3)(t(2, 3, 4, 5)).shape == (2, 3, 4, 5)
        assert nn.GLU(1)(t(2, 8, 3)).shape == (2, 4, 3)
        assert nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Dropout(), nn.Flatten(2))(t(2, 3, 5, 5)).shape == (2, 8, 9)
        # Weights, and tensors that code makes.
        assert nn.Conv2d(4, 8, 3, groups=2).weight.shape == (8, 2, 3, 3)
        assert nn.ConvTranspose2d(4, 8, 3, groups=2).weight.shape == (4, 4, 3, 3)
        assert nn.Linear(4, 7).weight.shape == (7, 4)
        assert nn.Linear(4, 7).bias.shape == (7,)
        assert nn.BatchNorm2d(3).weight.shape == (3,)
        assert nn.Parameter(torch.empty((2, 3))).shape == (2, 3)
        assert torch.full((2, 3), 1.0).shape == (2, 3)
        assert t(2, 3).new_zeros(4, 5).shape == (4, 5)
        assert torch.zeros_like(t(2, 3)).shape == (2, 3)
        assert torch.arange(5).shape == (5,)
        assert torch.arange(1, 8, 3).tolist() == [1, 4, 7]
        assert all_of(torch.meshgrid(t(2), t(3), indexing='ij')) == [(2, 3), (2, 3)]
        # Numbers of tensors that code makes.
        assert (torch.arange(4, dtype=torch.float32) * 2.5 + 1).tolist() == [1.0, 3.5, 6.0, 8.5]
        assert torch.round(torch.tensor([0.5, 1.5, 2.5]) / 1).int().tolist() == [0, 2, 2]
        assert len(torch.unique(torch.tensor([3, 1, 3]))) == 2
        assert torch.unique(torch.tensor([3, 1, 3]), return_counts=True)[1].tolist() == [1, 2]
        assert int(torch.log(torch.tensor([1.0, 8.0])).max().item()) == 2
        assert torch.pow(2, torch.arange(3)).tolist() == [1, 2, 4]
        assert [p.tolist() for p in torch.linspace(0, 0, 3).split([1, 2])] == [[0.0], [0.0, 0.0]]
        return x


if __name__ == "__main__":
    Net()(torch.zeros(1))
    print("all hold")
