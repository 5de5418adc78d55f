"""The step of train_step.cpp in PyTorch; WORK is {config, batch, size, tokens} and what torch_peer reads."""
import torch
from torch.nn import functional as F

from support import torch_peer, torch_unet


class Step(torch_peer.Step):
    small = staticmethod(torch_unet.small)
    kept, kept_again = 3, 1  # gradients and two moments

    def make(self):
        torch_unet.make(self)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, fused=True)
        self.target = self.picture(self.work["batch"], self.work["config"]["out_channels"],
                                   self.work["size"])
        self.call = self.maybe_compiled(self.model)

    def __call__(self):
        with self.context():
            found = self.call(*self.inputs, return_dict=False)[0]
            loss = F.mse_loss(found.float(), self.target.float())
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


torch_peer.main(Step)
