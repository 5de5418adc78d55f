"""What torch gives of the networks that parity.py compares: outputs, and gradients of all that they
were given and of every parameter."""

import diffusers.models.embeddings as embeddings
import parity_models as models
import torch
import torch.nn.functional as F

peaks = []


def watched(q, k, v, attn_mask=None, is_causal=False, scale=None, **_):
    """Softmax attention, whose peaks are noted for some queries."""
    y = attend(q, k, v, attn_mask=attn_mask, is_causal=is_causal, scale=scale)
    with torch.no_grad():
        some = q[:, :, -64:]
        scores = some @ k.transpose(-1, -2) * (scale or q.shape[-1] ** -0.5)
        if is_causal or attn_mask is not None:
            length = k.shape[-2]
            rows = torch.arange(length - some.shape[-2], length)[:, None]
            scores = scores.masked_fill(torch.arange(length)[None] > rows, -torch.inf)
        peaks.append(scores.softmax(-1).amax(-1).mean().item())
    return y


attend, F.scaled_dot_product_attention = F.scaled_dot_product_attention, watched
their_sinusoids = embeddings.get_timestep_embedding


def mean_peak():
    return f"{sum(peaks) / max(1, len(peaks)):.2f}"


def run_unet(model, x):
    seen = {}
    if "class_labels" in x:
        seen["class_labels"] = x["class_labels"]
    if "time_ids" in x:
        seen["added_cond_kwargs"] = {"text_embeds": x["text_embeds"], "time_ids": x["time_ids"]}
    out = model(x["sample"], x["timesteps"], encoder_hidden_states=x["encoder_hidden_states"], **seen)
    return {"output": out.sample}


def run_vae(model, x):
    c = model.config
    drawn = model.encode(x["picture"]).latent_dist
    latents = (drawn.mean + drawn.std * x["noise"]) * c.scaling_factor
    out = model.decode(latents / c.scaling_factor).sample
    return {"moments": drawn.parameters, "latents": latents, "output": out}


def run_text(model, x):
    out = model(input_ids=x["input_ids"], output_hidden_states=True)
    found = {"penultimate": out.hidden_states[-2], "last_hidden_state": out.last_hidden_state}
    if hasattr(out, "text_embeds"):
        return found | {"text_embeds": out.text_embeds}
    return found | {"pooler_output": out.pooler_output}


RUN = {"unet": run_unet, "vae": run_vae, "text_encoder": run_text, "text_encoder_2": run_text}
WANTED = ("sample", "encoder_hidden_states", "text_embeds", "picture", "class_labels")


def parameters_of(model):
    """By the names that published files have."""
    plain = type(model).__name__ == "CLIPTextModel"
    return [("text_model." * plain + name, p) for name, p in model.named_parameters()]


def run(model, component, inputs, dtype=torch.float32):
    model = model.to(dtype)
    embeddings.get_timestep_embedding = their_sinusoids if dtype == torch.float32 else models.sinusoids
    x = {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()}
    for name in WANTED:
        if name in x and x[name].is_floating_point() and not (name == "class_labels" and x[name].dim() == 1):
            x[name] = x[name].clone().requires_grad_()
    outputs = RUN[component](model, x)
    seeded = [k for k in outputs if "d_" + k in x]
    torch.autograd.backward([outputs[k] for k in seeded], [x["d_" + k] for k in seeded])
    found = {k: v.detach() for k, v in outputs.items()}
    found |= {"d_" + k: x[k].grad for k in WANTED if k in x and x[k].grad is not None}
    found |= {"gradient/" + k: p.grad for k, p in parameters_of(model) if p.grad is not None}
    for p in model.parameters():
        p.grad = None
    return found
