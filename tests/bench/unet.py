"""The UNet of unet.cpp in PyTorch; WORK is {config, batch, size, backward} and what torch_peer reads."""
from support import torch_peer, torch_unet


class Step(torch_peer.ModelStep):
    small = staticmethod(torch_unet.small)

    def make(self):
        torch_unet.make(self)
        self.call = lambda *inputs: self.model(*inputs, return_dict=False)[0]


torch_peer.main(Step)
