"""A UNet of Diffusers with something to look at."""
import diffusers
import torch

SMALL = {"block_out_channels": [32, 64], "cross_attention_dim": 32, "layers_per_block": 1,
         "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "norm_num_groups": 8,
         "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "attention_head_dim": 4}


def small(work):
    return {**work, "config": {**work["config"], **SMALL}, "batch": 1, "size": 8}


def make(step):
    """Sets step.model and step.inputs."""
    work, config = step.work, step.work["config"]
    step.model = step.placed(diffusers.UNet2DConditionModel(**config))
    sample = step.picture(work["batch"], config["in_channels"], work["size"])
    text = torch.randn(work["batch"], work.get("tokens", 77), config["cross_attention_dim"],
                       dtype=step.dtype)
    step.inputs = sample, torch.arange(work["batch"]) * 100, text
