"""Writes tests/golden/text_encoder.hpp: what transformers 5.23.0 makes of text encoders that
tests/model builds again.

Weights are uniform numbers of torch's generator, drawn in the order of names, so that none are stored.
Queries and keys are enlarged until attention is peaked, and the toys' epsilons are large, so that a
wrong one is seen. Numbers are computed in double precision.
"""

import sys

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from golden_header import gradients, header, output, parameter_lists

L14 = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}
H14 = {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 23}
BIGG = {"hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
        "projection_dim": 1280}
TOY_L = {"vocab_size": 50, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
         "num_attention_heads": 4, "max_position_embeddings": 11, "hidden_act": "quick_gelu",
         "layer_norm_eps": 0.02, "bos_token_id": 1, "eos_token_id": 2}
TOY_G = {"vocab_size": 50, "hidden_size": 40, "intermediate_size": 56, "num_hidden_layers": 4,
         "num_attention_heads": 2, "max_position_embeddings": 9, "hidden_act": "gelu",
         "layer_norm_eps": 0.03, "bos_token_id": 1, "eos_token_id": 7, "projection_dim": 24}
# the highest id first stands at 3 and 6, the id 7 at 5 and 2
IDS = torch.tensor([[1, 30, 4, 49, 49, 7, 7, 0, 5], [1, 12, 7, 9, 48, 3, 49, 7, 49]])


def parameters_of(model):
    """By the names of checkpoints: the plain model's are in text_model there."""
    prefix = "" if isinstance(model, CLIPTextModelWithProjection) else "text_model."
    return [(prefix + name, p) for name, p in sorted(model.named_parameters())]


def draw(model):
    with torch.no_grad():
        for name, p in parameters_of(model):
            if p.dim() == 1:
                middle = 1 if "norm" in name and name.endswith("weight") else 0
                p.uniform_(middle - 0.3, middle + 0.3)
            elif "embedding" in name:
                p.uniform_(-1, 1)
            else:
                bound = (2.5 if "q_proj" in name or "k_proj" in name else 1.7) / p.shape[1] ** 0.5
                p.uniform_(-bound, bound)
    return model.double()


def toy_sd():
    model = CLIPTextModel(CLIPTextConfig(**TOY_L))
    torch.manual_seed(21)
    model = draw(model)
    seed = torch.randn(2, 9, 32).double()
    out = model(input_ids=IDS, output_hidden_states=True)
    out.last_hidden_state.backward(seed)
    skipped = model.final_layer_norm(out.hidden_states[-2])
    text = output("toy_sd_output", out.last_hidden_state) + output("toy_sd_skipped", skipped)
    text += output("toy_sd_pooled", out.pooler_output)
    return text + gradients("toy_sd_gradients", parameters_of(model))


def toy_xl():
    models = CLIPTextModel(CLIPTextConfig(**TOY_L)), CLIPTextModelWithProjection(CLIPTextConfig(**TOY_G))
    torch.manual_seed(22)
    first, second = (draw(model) for model in models)
    seed = torch.randn(2, 9 * 72 + 24).double()
    states = [m(input_ids=IDS, output_hidden_states=True) for m in (first, second)]
    joined = torch.cat([s.hidden_states[-2] for s in states], dim=-1)
    everything = torch.cat([joined.flatten(1), states[1].text_embeds], dim=-1)
    everything.backward(seed)
    named = [("text_encoder." + name, p) for name, p in parameters_of(first)]
    named += [("text_encoder_2." + name, p) for name, p in parameters_of(second)]
    reached = [(name, p) for name, p in named if p.grad is not None]
    return output("toy_xl_output", everything) + gradients("toy_xl_gradients", reached)


def main():
    with torch.device("meta"):
        models = [("clip_l", CLIPTextModel(CLIPTextConfig(**L14))), ("clip_h", CLIPTextModel(CLIPTextConfig(**H14))),
                  ("clip_g", CLIPTextModelWithProjection(CLIPTextConfig(**BIGG)))]
    body = parameter_lists((name, parameters_of(model)) for name, model in models)
    body += "\n" + toy_sd() + "\n" + toy_xl()
    with open(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/text_encoder.hpp", "w") as file:
        file.write(header("text_encoder.py", "transformers 5.23.0 and torch 2.15.0", "text_encoder", body))


main()
