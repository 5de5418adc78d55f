"""Whole runs of diffusers' samplers, each with the configuration it was made from.

    samplers.py            writes tests/golden/samplers.inc: some runs of each
    samplers.py FILE       writes all of the matrix of options, one run a line, for
                           HAIGA_SAMPLER_RUNS=FILE build/.../test_sched
"""
import inspect
import itertools
import json
import pathlib
import sys
import warnings

import diffusers
import numpy
import torch

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()

# torch's own, from MKL, is off by a unit in the last place for one number in six. IEEE 754 says what
# a square root is.
torch.Tensor.sqrt = lambda x: torch.from_numpy(numpy.asarray(numpy.sqrt(x.numpy())))


NAMES = dict(churn="s_churn", churn_noise="s_noise")
FLOAT32 = torch.float32


def draw(shape, generator=None, dtype=None, **_):
    """The same numbers for every dtype."""
    return torch.randn(shape, generator=generator, dtype=FLOAT32).to(dtype)


class NoiseSampler:
    """Diffusers' own, asked and answering in float32 whatever the run computes in."""

    def __init__(self, x, sigma_min, sigma_max, seed):
        self.of = ORIGINAL(x.to(FLOAT32), sigma_min, sigma_max, seed)

    def __call__(self, *sigmas):
        return self.of(*(s.to(FLOAT32) for s in sigmas))


SDE = sys.modules[diffusers.DPMSolverSDEScheduler.__module__]
ORIGINAL, SDE.BrownianTreeNoiseSampler = SDE.BrownianTreeNoiseSampler, NoiseSampler


def widen(scheduler):
    """All that step() computes with in double, from what set_timesteps() found in float32."""
    torch.float32 = torch.float64  # schedulers cast to it by name
    for name, value in vars(scheduler).items():
        if isinstance(value, torch.Tensor) and value.dtype == FLOAT32 and name != "timesteps":
            setattr(scheduler, name, value.double())


def run(scheduler, steps, wide=False, mu=None, **options):
    """The model tells 0.6 * input + 0.0001 * t + 0.05. wide: in double, but for the sigmas."""
    try:
        return run_in(scheduler, steps, wide, mu, **options)
    finally:
        torch.float32 = FLOAT32


def run_in(scheduler, steps, wide, mu, **options):
    if hasattr(scheduler, "noise_sampler_seed"):
        scheduler.noise_sampler_seed = steps
    scheduler.set_timesteps(steps, **({} if mu is None else dict(mu=mu)))
    module = sys.modules[type(scheduler).__module__]
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = draw
    start = torch.linspace(-2.5, 2.0, 8).flip(0).reshape(2, 1, 2, 2)
    start = start * getattr(scheduler, "init_noise_sigma", 1)
    times = [t.float() for t in scheduler.timesteps]
    if wide:
        widen(scheduler)
        start = start.double()
        times = [t.double() for t in times]
    options = {NAMES.get(k, k): v for k, v in options.items()}
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)  # else equal first time steps make it skip one
    generator = torch.Generator().manual_seed(steps)
    if "generator" in inspect.signature(scheduler.step).parameters:
        options = dict(options, generator=generator)
    sample = start
    for t, told in zip(scheduler.timesteps, times):
        seen = (scheduler.scale_model_input(sample, t)
                if hasattr(scheduler, "scale_model_input") else sample)
        output = 0.6 * seen + (0.0001 * told + 0.05)
        sample = scheduler.step(output, t, sample, **options).prev_sample
    return sample.flatten().double()


def matrix(**choices):
    """All combinations. A choice is a list of dictionaries, or of values of the key."""
    axes = [[c if isinstance(c, dict) else {key: c} for c in values]
            for key, values in choices.items()]
    for combination in itertools.product(*axes):
        merged = {}
        for part in combination:
            merged.update(part)
        yield merged


BETAS = [dict(beta_schedule="linear"),
         dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
         dict(beta_schedule="squaredcos_cap_v2")]
SPACINGS = ["linspace", "leading", "trailing"]
SIGMAS = [{}, dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True),
          dict(use_beta_sigmas=True)]
LIMITS = [{}, dict(thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=1.4)]
FINALS = ["zero", "sigma_min"]
KINDS = ["epsilon", "sample", "v_prediction"]
FLOW = dict(use_flow_sigmas=True, prediction_type="flow_prediction")
STEPS = [5, 12, 30]


def cases():
    """(class, configuration, arguments of step, their names in a row)."""
    common = dict(betas=BETAS, timestep_spacing=SPACINGS, steps_offset=[0, 1])
    ancestral = dict(common, prediction_type=["epsilon", "v_prediction"])
    for c in matrix(**ancestral, rescale_betas_zero_snr=[False, True]):
        yield "EulerAncestralDiscreteScheduler", c, {}
    for c in matrix(**common, sigmas=SIGMAS, prediction_type=KINDS,
                    limit=[{}, dict(clip_sample=True, clip_sample_range=1.5)]):
        yield "HeunDiscreteScheduler", c, {}
    for c in matrix(**common, sigmas=SIGMAS, prediction_type=KINDS, step=[{}, {"order": 2}]):
        yield "LMSDiscreteScheduler", c, {k: c.pop(k) for k in ["order"] if k in c}
    for c in matrix(**ancestral, sigmas=SIGMAS):
        yield "KDPM2DiscreteScheduler", c, {}
        yield "KDPM2AncestralDiscreteScheduler", c, {}
        yield "DPMSolverSDEScheduler", c, {}
    for c in matrix(**ancestral, skip_prk_steps=[False, True], set_alpha_to_one=[False, True]):
        yield "PNDMScheduler", c, {}
    for c in matrix(**common, sigmas=[dict(use_beta_sigmas=True)], prediction_type=KINDS,
                    final_sigmas_type=FINALS):
        yield "EulerDiscreteScheduler", c, {}
    own = dict(trained_betas=[round(0.001 + 0.00015 * i, 6) for i in range(60)],
               num_train_timesteps=60)
    for c in matrix(betas=[dict(beta_schedule="sigmoid"), dict(beta_schedule="laplace"), own],
                    prediction_type=KINDS, timestep_spacing=["leading"]):
        yield "DDPMScheduler", c, {}
    for c in matrix(betas=[dict(beta_schedule="exp"), own], prediction_type=KINDS):
        yield "HeunDiscreteScheduler", c, {}
    solver = dict(common, limit=LIMITS, solver_order=[1, 2, 3], lower_order_final=[True, False])
    paths = [dict(s, prediction_type=k) for s in SIGMAS for k in KINDS]
    flows = [FLOW, dict(FLOW, flow_shift=3.0)]
    lu = [dict(use_lu_lambdas=True)]
    for c in matrix(**solver, path=paths + flows + lu, final_sigmas_type=FINALS,
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++"],
                    solver_type=["midpoint", "heun"],
                    other=[{}, dict(euler_at_final=True), dict(rescale_betas_zero_snr=True),
                           dict(lambda_min_clipped=-5.1)]):
        yield "DPMSolverMultistepScheduler", c, {}
    for c in matrix(**solver, path=paths + lu, final_sigmas_type=["sigma_min"],
                    algorithm_type=["dpmsolver", "sde-dpmsolver"],
                    solver_type=["midpoint", "heun"]):
        if c["algorithm_type"] != "sde-dpmsolver" or c["solver_order"] < 3:
            yield "DPMSolverMultistepScheduler", c, {}
    for c in matrix(betas=BETAS, limit=LIMITS, solver_order=[1, 2, 3],
                    lower_order_final=[True, False], path=paths + flows, final_sigmas_type=FINALS,
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++", "dpmsolver"],
                    solver_type=["midpoint", "heun"]):
        if c["algorithm_type"] != "dpmsolver":
            yield "DPMSolverSinglestepScheduler", c, {}
        elif (c["final_sigmas_type"] == "sigma_min" and not c.get("thresholding")
              and not c.get("use_flow_sigmas")):
            yield "DPMSolverSinglestepScheduler", c, {}
    for c in matrix(**solver, path=paths + flows):
        yield "DEISMultistepScheduler", c, {}
    for c in matrix(**solver, path=paths + flows, final_sigmas_type=FINALS,
                    predict_x0=[True, False], solver_type=["bh1", "bh2"],
                    other=[{}, dict(disable_corrector=[0, 2]), dict(rescale_betas_zero_snr=True)]):
        by_noise_ends = c["final_sigmas_type"] == "sigma_min" and not c.get("use_flow_sigmas")
        if c["predict_x0"] or (by_noise_ends and not c.get("thresholding")):
            yield "UniPCMultistepScheduler", c, {}


    distilled = dict(betas=[{}, dict(beta_schedule="squaredcos_cap_v2")], prediction_type=KINDS,
                     original_inference_steps=[50, 100])
    for c in matrix(**distilled, limit=LIMITS + [dict(clip_sample=True, clip_sample_range=1.5)],
                    timestep_scaling=[10.0, 3.0]):
        yield "LCMScheduler", c, {}
    for c in matrix(**distilled, step=[{"eta": 0.0}, {"eta": 0.3}, {"eta": 1.0}]):
        yield "TCDScheduler", c, {"eta": c.pop("eta")}
    edm = dict(ends=[{}, dict(sigma_min=0.02, sigma_max=20.0, rho=5.0, sigma_data=1.0)],
               sigma_schedule=["karras", "exponential"],
               prediction_type=["epsilon", "v_prediction"], final_sigmas_type=FINALS)
    for c in matrix(**edm, step=[{}, {"churn": 3.0, "churn_noise": 1.003}]):
        yield "EDMEulerScheduler", c, {k: c.pop(k) for k in ["churn", "churn_noise"] if k in c}
    for c in matrix(**edm, limit=LIMITS, solver_order=[1, 2, 3], solver_type=["midpoint", "heun"],
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++"],
                    lower_order_final=[True, False], euler_at_final=[True, False]):
        if c["algorithm_type"] == "dpmsolver++" or c["solver_order"] < 3:
            yield "EDMDPMSolverMultistepScheduler", c, {}
    shifts = [{}, dict(shift=3.0), dict(use_dynamic_shifting=True, mu=0.9),
              dict(use_dynamic_shifting=True, mu=0.9, time_shift_type="linear")]
    for c in matrix(shift=shifts, sigmas=SIGMAS, shift_terminal=[{}, dict(shift_terminal=0.1)],
                    stochastic_sampling=[False, True]):
        yield "FlowMatchEulerDiscreteScheduler", c, {"mu": c.pop("mu")} if "mu" in c else {}
    for shift in [1.0, 2.0, 3.0]:
        yield "FlowMatchHeunDiscreteScheduler", dict(shift=shift), {}
    for c in matrix(**common, limit=LIMITS, path=paths + flows, predictor_order=[1, 2, 3],
                    corrector_order=[1, 2, 3], lower_order_final=[True, False],
                    algorithm_type=["data_prediction", "noise_prediction"]):
        if c["algorithm_type"] == "data_prediction" or not (
                c.get("thresholding") or c.get("use_flow_sigmas")):
            yield "SASolverScheduler", c, {}


def rows(every):
    """Every so many-th case of each class, with all steps in turn."""
    seen = {}
    for name, config, arguments in cases():
        count = seen[name] = seen.get(name, -1) + 1
        if count % every.get(name, every["*"]):
            continue
        steps = STEPS[count % 7 % 3]
        try:
            scheduler = getattr(diffusers, name)(**config)
            final = run(scheduler, steps, **arguments)
            lost = (final - run(scheduler, steps, wide=True, **arguments)).abs().max().item()
        except (ValueError, IndexError, RuntimeError) as error:
            print(name, config, error, file=sys.stderr)
            continue
        if (len(scheduler.timesteps) < steps or not torch.isfinite(final).all()
                or not numpy.isfinite(lost)):
            continue  # one step less than asked for, or a difference that rounding made negative
        if name == "PNDMScheduler" and len(scheduler._timesteps) != steps:
            continue
        yield json.dumps(dict(config=dict(_class_name=name, **config), steps=steps, **arguments,
                              lost=float(f"{lost:.2g}"),
                              values=[float(f"{x:.9g}") for x in final.tolist()]))


if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as file:
        count = sum(1 for row in rows({"*": int(sys.argv[2]) if len(sys.argv) > 2 else 1})
                    if file.write(row + "\n"))
    print(count, "runs")
else:
    every = {"*": 67, "DPMSolverMultistepScheduler": 1201, "UniPCMultistepScheduler": 1201,
             "DPMSolverSinglestepScheduler": 151, "DEISMultistepScheduler": 127,
             "EDMDPMSolverMultistepScheduler": 97, "SASolverScheduler": 761,
             "EulerAncestralDiscreteScheduler": 13, "EulerDiscreteScheduler": 23,
             "PNDMScheduler": 29, "LCMScheduler": 11, "TCDScheduler": 7, "EDMEulerScheduler": 7,
             "DDPMScheduler": 2, "FlowMatchEulerDiscreteScheduler": 11,
             "FlowMatchHeunDiscreteScheduler": 1}
    lines = [f'R"({row})",\n' for row in rows(every)]
    pathlib.Path(__file__).parents[1].joinpath("golden/samplers.inc").write_text(
        f"// Written by tests/peers/samplers.py with diffusers {diffusers.__version__}, "
        f"torch {torch.__version__.split('+')[0]}.\n"
        "// Each row: the configuration, the number of steps, what float32 lost of a run in double,\n"
        "// the sample after the steps.\n"
        + "".join(lines))
    print(len(lines), "runs")
