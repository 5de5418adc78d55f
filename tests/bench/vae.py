"""The autoencoder of vae.cpp in PyTorch; WORK is {config, decodes, side, backward} and what torch_peer
reads."""
import diffusers
from torch import nn

from support import torch_peer


class Step(torch_peer.ModelStep):
    @staticmethod
    def small(work):
        return {**work, "side": 64}

    def make(self):
        config, side = self.work["config"], self.work["side"]
        whole = diffusers.AutoencoderKL(**config)
        if self.work["decodes"]:
            parts, channels, side = (whole.post_quant_conv, whole.decoder), config["latent_channels"], side // 8
        else:
            parts, channels = (whole.encoder, whole.quant_conv), config["in_channels"]
        self.model = self.placed(nn.Sequential(*parts))
        self.inputs = self.picture(1, channels, side),
        self.call = self.model


torch_peer.main(Step)
