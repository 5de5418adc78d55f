"""The text encoder of text_encoder.cpp in PyTorch; WORK is {config, batch, backward} and what torch_peer
reads."""
import torch
import transformers

from support import torch_peer


class Step(torch_peer.ModelStep):
    layouts = "contiguous",

    @staticmethod
    def small(work):
        return {**work, "config": {**work["config"], "num_hidden_layers": 1}}

    def make(self):
        config = transformers.CLIPTextConfig(**self.work["config"])
        self.model = transformers.CLIPTextModel(config).to(self.dtype)
        tokens = config.max_position_embeddings
        self.inputs = torch.randint(0, config.vocab_size, (self.work["batch"], tokens)),
        self.call = lambda ids: self.model(ids).last_hidden_state


torch_peer.main(Step)
