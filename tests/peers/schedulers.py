"""Writes tests/golden/schedulers.hpp: whole runs of diffusers' DDPM, DDIM and Euler schedulers."""
import itertools
import pathlib

import diffusers
import numpy
import torch

# torch's own, from MKL, is off by a unit in the last place for one number in six; rescaling to zero
# terminal SNR makes up to 4e-6 of that. IEEE 754 says what a square root is.
torch.Tensor.sqrt = lambda x: torch.from_numpy(numpy.sqrt(x.numpy()))

CPP = {
    "linear": "linear", "scaled_linear": "scaled_linear", "squaredcos_cap_v2": "squaredcos_cap_v2",
    "epsilon": "epsilon", "sample": "sample", "v_prediction": "v",
    True: "true", False: "false",
}


def start(sigma):
    return torch.linspace(-2.5, 2.0, 8).flip(0).reshape(2, 1, 2, 2) * sigma


def run(scheduler, steps, **options):
    """The model tells 0.6 * input + 0.0001 * t + 0.05."""
    scheduler.set_timesteps(steps)
    scheduler.timesteps = scheduler.timesteps[:steps]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)  # else equal first time steps make it skip one
    generator = torch.Generator().manual_seed(steps)
    sample = start(scheduler.init_noise_sigma)
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(sample, t)
        output = 0.6 * seen + (0.0001 * t.float() + 0.05)
        sample = scheduler.step(output, t, sample, generator=generator, **options).prev_sample
    return sample.flatten()


def schedule(config):
    return (f".schedule = {{shape::{config['beta_schedule']}, {config['num_train_timesteps']}, "
            f"{config['beta_start']}, {config['beta_end']}, {CPP[config['rescale_betas_zero_snr']]}}}")


def bound(config):
    if config["thresholding"]:
        ratio, most = config["dynamic_thresholding_ratio"], config["sample_max_value"]
        return f"{{.threshold = dynamic_threshold{{{ratio}F, {most}F}}}}"
    return f"{{.clip = {config['clip_sample_range']}F}}" if config["clip_sample"] else "{}"


def ddpm(config):
    return (f"ddpm_options{{prediction::{CPP[config['prediction_type']]}, "
            f"variance::{config['variance_type'].removesuffix('_log')}, {bound(config)}, "
            f"spacing::{config['timestep_spacing']}, {config['steps_offset']}}}")


def ddim(config, eta=0.0, use_clipped_model_output=False):
    return (f"ddim_options{{prediction::{CPP[config['prediction_type']]}, {bound(config)}, "
            f"spacing::{config['timestep_spacing']}, {config['steps_offset']}, "
            f"{CPP[config['set_alpha_to_one']]}, {eta}F, {CPP[use_clipped_model_output]}}}")


def euler(config, s_churn=0.0, s_noise=1.0):
    sigmas = ("karras" if config["use_karras_sigmas"]
              else "exponential" if config["use_exponential_sigmas"]
              else "log_linear" if config["interpolation_type"] == "log_linear" else "of_timesteps")
    low, high = (config[k] if config[k] is not None else "{}" for k in ("sigma_min", "sigma_max"))
    return (f"euler_options{{prediction::{CPP[config['prediction_type']]}, "
            f"spacing::{config['timestep_spacing']}, {config['steps_offset']}, "
            f"sigma_spacing::{sigmas}, {low}, {high}, last_sigma::{config['final_sigmas_type']}, "
            f"{CPP[config['timestep_type'] == 'continuous']}, {s_churn}F, 0.0F, infinity, {s_noise}F}}")


cases = []


def add(make, method, steps, options, **config):
    scheduler = make(**config)
    final = run(scheduler, steps, **options)
    if not torch.isfinite(final).all():
        return  # DDIM, eta 1: the root of a difference that rounding has made negative
    values = ", ".join(f"{x:.9g}F" if "." in f"{x:.9g}" or "e" in f"{x:.9g}" else f"{x:.9g}.0F"
                       for x in final.tolist())
    cases.append(f"{{{{{schedule(scheduler.config)}, .method = {method(scheduler.config, **options)}}}, "
                 f"{steps}, {{{values}}}}},\n")


def predictions(zero_snr):
    return ["sample", "v_prediction"] + ([] if zero_snr else ["epsilon"])


schedules = [dict(beta_schedule="linear"),
             dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
             dict(beta_schedule="squaredcos_cap_v2")]
limits = [dict(clip_sample=False), dict(clip_sample=True, clip_sample_range=1.5),
          dict(thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=1.4)]
turns = itertools.count()

for beta, zero, spacing in itertools.product(schedules, [False, True],
                                             ["linspace", "leading", "trailing"]):
    for kind in predictions(zero):
        turn = next(turns)
        common = dict(prediction_type=kind, timestep_spacing=spacing, rescale_betas_zero_snr=zero, **beta)
        steps = [5, 12, 30][turn % 3]
        add(diffusers.DDPMScheduler, ddpm, steps, {}, **common, **limits[turn % 3],
            steps_offset=turn % 2,
            variance_type=["fixed_small", "fixed_large", "fixed_small_log"][turn // 3 % 3])
        add(diffusers.DDIMScheduler, ddim, steps,
            dict(eta=[0.0, 0.4, 1.0][turn // 3 % 3], use_clipped_model_output=turn % 5 == 0),
            **common, **limits[turn // 2 % 3], steps_offset=turn % 2, set_alpha_to_one=turn % 4 < 2)
        for sigmas in [{}, dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True),
                       dict(interpolation_type="log_linear")]:
            turn = next(turns)
            if turn % 7 == 0 and "interpolation_type" not in sigmas and sigmas:
                sigmas = dict(sigmas, sigma_min=0.02, sigma_max=20.0)
            add(diffusers.EulerDiscreteScheduler, euler, steps,
                dict(s_churn=[0.0, 3.0][turn % 2], s_noise=1.003), **common, **sigmas,
                steps_offset=turn % 2, final_sigmas_type=["zero", "sigma_min"][turn // 2 % 2],
                timestep_type=["discrete", "continuous"][turn // 4 % 2])

pathlib.Path(__file__).parents[1].joinpath("golden/schedulers.inc").write_text(
    f"""// Written by tests/peers/schedulers.py with diffusers {diffusers.__version__}, torch {torch.__version__.split('+')[0]}.
// Each row: the configuration, the number of steps, the sample after them.
""" + "".join(cases))
print(len(cases))
