"""Whole runs of diffusers' schedulers, each with the configuration it was made from.

    samplers.py                       writes tests/golden/samplers.inc: of each class as few runs as
                                      have every pair of values of two options that the matrix has
    samplers.py matrix FILE K/N CLASS...
                                      writes the whole matrix of options of these classes, or of all,
                                      a run a line, for HAIGA_SAMPLER_RUNS=FILE build/.../test_sched;
                                      of N parts the one that begins with case K, or all with 0/1
    samplers.py lost FILE OUT         adds to each run of FILE what float32 loses of it, for those
                                      beyond 1e-5, which that test writes to FILE.beyond
"""
import functools
import inspect
import itertools
import json
import multiprocessing
import os
import pathlib
import sys
import warnings
import zlib

import diffusers
import numpy
import scipy.stats
import torch

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)

# torch's own, from MKL, is off by a unit in the last place for one number in six. IEEE 754 says what
# a square root is.
torch.Tensor.sqrt = lambda x: torch.from_numpy(numpy.asarray(numpy.sqrt(x.numpy())))

# What the matrix asks for again and again.
scipy.stats.beta.ppf = functools.lru_cache(None)(scipy.stats.beta.ppf)

ARGUMENTS = dict(churn="s_churn", churn_noise="s_noise", churn_from="s_tmin", churn_to="s_tmax",
                 use_clipped_output="use_clipped_model_output", eta="eta", order="order")
FLOAT32 = torch.float32
DRAWN = set()  # evaluations in which noise was drawn
EVALUATION = [0]


def draw(shape, generator=None, dtype=None, **_):
    """The same numbers for every dtype."""
    DRAWN.add(EVALUATION[0])
    return torch.randn(shape, generator=generator, dtype=FLOAT32).to(dtype)


class NoiseSampler:
    """Diffusers' own, asked and answering in float32 whatever the run computes in."""

    def __init__(self, x, sigma_min, sigma_max, seed):
        self.of = ORIGINAL(x.to(FLOAT32), sigma_min, sigma_max, seed)

    def __call__(self, *sigmas):
        DRAWN.add(EVALUATION[0])
        return self.of(*(s.to(FLOAT32) for s in sigmas))


SDE = sys.modules[diffusers.DPMSolverSDEScheduler.__module__]
ORIGINAL, SDE.BrownianTreeNoiseSampler = SDE.BrownianTreeNoiseSampler, NoiseSampler


def once_a_sigma(of):
    """What steps ask for several times each."""
    known = {}

    def alpha_sigma(self, sigma):
        key = self.config.get("use_flow_sigmas", False), sigma.item(), sigma.dtype
        if key not in known:
            known[key] = of(self, sigma)
        return known[key]

    alpha_sigma.once = True
    return alpha_sigma


def prepare(module):
    """Noise is drawn by draw(), and betas, alphas and sigmas are made once."""
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = draw
    for made in vars(module).values():
        alpha_sigma = getattr(made, "_sigma_to_alpha_sigma_t", None)
        if alpha_sigma and not hasattr(alpha_sigma, "once"):
            made._sigma_to_alpha_sigma_t = once_a_sigma(alpha_sigma)
    betas = getattr(module, "betas_for_alpha_bar", None)
    if betas and not hasattr(betas, "once"):
        once = functools.lru_cache(None)(betas)
        module.betas_for_alpha_bar = lambda *a, **k: once(*a, **k).clone()
        module.betas_for_alpha_bar.once = True


def widen(scheduler):
    """All that step() computes with in double, from what set_timesteps() found in float32."""
    torch.float32 = torch.float64  # schedulers cast to it by name
    for name, value in vars(scheduler).items():
        if isinstance(value, torch.Tensor) and value.dtype == FLOAT32 and name != "timesteps":
            setattr(scheduler, name, value.double())


def run(scheduler, steps, wide=False, mu=None, **arguments):
    """The model tells 0.6 * input + 0.0001 * t + 0.05. wide: in double, but for the sigmas."""
    try:
        with torch.inference_mode():
            return run_in(scheduler, steps, wide, mu, **arguments)
    finally:
        torch.float32 = FLOAT32


def run_in(scheduler, steps, wide, mu, **arguments):
    if hasattr(scheduler, "noise_sampler_seed"):
        scheduler.noise_sampler_seed = steps
    scheduler.set_timesteps(steps, **({} if mu is None else dict(mu=mu)))
    start = torch.linspace(-2.5, 2.0, 8).flip(0).reshape(2, 1, 2, 2)
    start = start * getattr(scheduler, "init_noise_sigma", 1)
    times = [t.float() for t in scheduler.timesteps]
    if wide:
        widen(scheduler)
        start = start.double()
        times = [t.double() for t in times]
    arguments = {ARGUMENTS[k]: v for k, v in arguments.items()}
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)  # else equal first time steps make it skip one
    generator = torch.Generator().manual_seed(steps)
    if "generator" in inspect.signature(scheduler.step).parameters:
        arguments["generator"] = generator
    DRAWN.clear()
    sample = start
    for EVALUATION[0], (t, told) in enumerate(zip(scheduler.timesteps, times)):
        seen = (scheduler.scale_model_input(sample, t)
                if hasattr(scheduler, "scale_model_input") else sample)
        output = 0.6 * seen + (0.0001 * told + 0.05)
        sample = scheduler.step(output, t, sample, **arguments).prev_sample
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
OWN_BETAS = dict(trained_betas=[round(0.001 + 0.00015 * i, 6) for i in range(60)],
                 num_train_timesteps=60)
SPACINGS = ["linspace", "leading", "trailing"]
SIGMAS = [{}, dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True),
          dict(use_beta_sigmas=True)]
THRESHOLD = dict(thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=1.4)
CLIP = dict(clip_sample=True, clip_sample_range=1.5)
LIMITS = [{}, THRESHOLD]
FINALS = ["zero", "sigma_min"]
KINDS = ["epsilon", "sample", "v_prediction"]
CHURN = [{}, dict(churn=3.0, churn_noise=1.003), dict(churn=3.0, churn_from=0.1, churn_to=10.0)]
FLOW = dict(use_flow_sigmas=True, prediction_type="flow_prediction")
FLOWS = [FLOW, dict(FLOW, flow_shift=3.0)]
MOVED = [dict(FLOW, use_dynamic_shifting=True, mu=0.9)]
PATHS = [dict(s, prediction_type=k) for s in SIGMAS for k in KINDS]
LU = [dict(use_lu_lambdas=True)]
STEPS = [5, 12, 30]
COMMON = dict(betas=BETAS, timestep_spacing=SPACINGS, steps_offset=[0, 1])
SOLVER = dict(COMMON, limit=LIMITS, solver_order=[1, 2, 3], lower_order_final=[True, False])
DISTILLED = dict(betas=[{}, dict(beta_schedule="squaredcos_cap_v2")], prediction_type=KINDS,
                 original_inference_steps=[50, 100])
EDM = dict(ends=[{}, dict(sigma_min=0.02, sigma_max=20.0, rho=5.0, sigma_data=1.0)],
           sigma_schedule=["karras", "exponential"],
           prediction_type=["epsilon", "v_prediction"], final_sigmas_type=FINALS)


def discrete():
    snr = [dict(rescale_betas_zero_snr=z, prediction_type=k) for z in [False, True] for k in KINDS
           if not z or k != "epsilon"]
    limits = [dict(clip_sample=False), CLIP, THRESHOLD]
    common = dict(COMMON, snr=snr, limit=limits)
    for c in matrix(**common, variance_type=["fixed_small", "fixed_large", "fixed_small_log"]):
        yield "DDPMScheduler", c
    for c in matrix(betas=[dict(beta_schedule="sigmoid"), dict(beta_schedule="laplace"), OWN_BETAS],
                    prediction_type=KINDS, timestep_spacing=SPACINGS):
        yield "DDPMScheduler", c
    for c in matrix(**common, eta=[0.0, 0.4, 1.0], use_clipped_output=[False, True],
                    set_alpha_to_one=[True, False]):
        yield "DDIMScheduler", c
    for c in matrix(**dict(COMMON, betas=BETAS + [OWN_BETAS]),
                    prediction_type=["epsilon", "v_prediction"],
                    skip_prk_steps=[False, True], set_alpha_to_one=[False, True]):
        yield "PNDMScheduler", c
    for c in matrix(**DISTILLED, limit=LIMITS + [CLIP], timestep_scaling=[10.0, 3.0]):
        yield "LCMScheduler", c
    for c in matrix(**DISTILLED, eta=[0.0, 0.3, 1.0]):
        yield "TCDScheduler", c


def exploding():
    ends = dict(sigma_min=0.02, sigma_max=20.0)
    sigmas = SIGMAS + [dict(interpolation_type="log_linear")] + [dict(s, **ends) for s in SIGMAS[1:]]
    for c in matrix(**COMMON, sigmas=sigmas, prediction_type=KINDS, final_sigmas_type=FINALS,
                    rescale_betas_zero_snr=[False, True], timestep_type=["discrete", "continuous"],
                    churn=CHURN):
        yield "EulerDiscreteScheduler", c
    kinds = dict(prediction_type=["epsilon", "v_prediction"])
    for c in matrix(**COMMON, **kinds, rescale_betas_zero_snr=[False, True]):
        yield "EulerAncestralDiscreteScheduler", c
    for c in matrix(**dict(COMMON, betas=BETAS + [dict(beta_schedule="exp"), OWN_BETAS]),
                    sigmas=SIGMAS, prediction_type=KINDS, limit=[{}, CLIP]):
        yield "HeunDiscreteScheduler", c
    for c in matrix(**COMMON, sigmas=SIGMAS, prediction_type=KINDS, step=[{}, dict(order=2)]):
        yield "LMSDiscreteScheduler", c
    for c in matrix(**COMMON, **kinds, sigmas=SIGMAS):
        yield "KDPM2DiscreteScheduler", c
        yield "KDPM2AncestralDiscreteScheduler", c
        yield "DPMSolverSDEScheduler", c
    for c in matrix(**EDM, churn=CHURN):
        yield "EDMEulerScheduler", c
    for c in matrix(**EDM, limit=LIMITS, solver_order=[1, 2, 3], solver_type=["midpoint", "heun"],
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++"],
                    lower_order_final=[True, False], euler_at_final=[True, False]):
        if c["algorithm_type"] == "dpmsolver++" or c["solver_order"] < 3:
            yield "EDMDPMSolverMultistepScheduler", c


def solvers():
    types = dict(solver_type=["midpoint", "heun"])
    for c in matrix(**SOLVER, path=PATHS + FLOWS + MOVED + LU, final_sigmas_type=FINALS, **types,
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++"],
                    other=[{}, dict(euler_at_final=True), dict(rescale_betas_zero_snr=True),
                           dict(lambda_min_clipped=-5.1)]):
        yield "DPMSolverMultistepScheduler", c
    for c in matrix(**SOLVER, path=PATHS + LU, final_sigmas_type=["sigma_min"], **types,
                    algorithm_type=["dpmsolver", "sde-dpmsolver"]):
        if c["algorithm_type"] != "sde-dpmsolver" or c["solver_order"] < 3:
            yield "DPMSolverMultistepScheduler", c
    for c in matrix(betas=BETAS, limit=LIMITS, solver_order=[1, 2, 3],
                    lower_order_final=[True, False], path=PATHS + FLOWS + MOVED,
                    final_sigmas_type=FINALS, **types,
                    algorithm_type=["dpmsolver++", "sde-dpmsolver++", "dpmsolver"]):
        if c["algorithm_type"] != "dpmsolver":
            yield "DPMSolverSinglestepScheduler", c
        elif (c["final_sigmas_type"] == "sigma_min" and not c.get("thresholding")
              and not c.get("use_flow_sigmas")):
            yield "DPMSolverSinglestepScheduler", c
    for c in matrix(**SOLVER, path=PATHS + FLOWS + MOVED):
        yield "DEISMultistepScheduler", c
    own = [dict(FLOW, use_karras_sigmas=True), dict(MOVED[0], time_shift_type="linear"),
           dict(FLOW, shift_terminal=0.1),
           dict(use_karras_sigmas=True, sigma_min=0.05, sigma_max=30.0)]
    for c in matrix(**SOLVER, path=PATHS + FLOWS + MOVED + own, final_sigmas_type=FINALS,
                    predict_x0=[True, False], solver_type=["bh1", "bh2"],
                    other=[{}, dict(disable_corrector=[0, 2]), dict(rescale_betas_zero_snr=True)]):
        respaced = any(k.startswith("use_") and k.endswith("_sigmas") for k in c)
        to_zero = c["final_sigmas_type"] == "zero"
        if not c["lower_order_final"] and c["solver_order"] > (1 if to_zero else 3 - respaced):
            continue  # steps to sigma 0, or to where they begin, are of low order or not finite
        by_noise_ends = c["final_sigmas_type"] == "sigma_min" and not c.get("use_flow_sigmas")
        if c["predict_x0"] or (by_noise_ends and not c.get("thresholding")):
            yield "UniPCMultistepScheduler", c
    for c in matrix(**COMMON, limit=LIMITS, path=PATHS + FLOWS, predictor_order=[1, 2, 3],
                    corrector_order=[1, 2, 3], lower_order_final=[True, False],
                    algorithm_type=["data_prediction", "noise_prediction"]):
        if c["algorithm_type"] == "data_prediction" or not (
                c.get("thresholding") or c.get("use_flow_sigmas")):
            yield "SASolverScheduler", c


def flows():
    shifts = [{}, dict(shift=3.0), dict(use_dynamic_shifting=True, mu=0.9),
              dict(use_dynamic_shifting=True, mu=0.9, time_shift_type="linear")]
    for c in matrix(shift=shifts, sigmas=SIGMAS, shift_terminal=[{}, dict(shift_terminal=0.1)],
                    stochastic_sampling=[False, True]):
        yield "FlowMatchEulerDiscreteScheduler", c
    for c in matrix(shift=[1.0, 2.0, 3.0], churn=CHURN):
        yield "FlowMatchHeunDiscreteScheduler", c


def cases():
    """(class, options, steps): options of the constructor and of step()."""
    seen = {}
    for name, options in itertools.chain(discrete(), exploding(), solvers(), flows()):
        count = seen[name] = seen.get(name, -1) + 1
        yield name, options, STEPS[count % 7 % 3]


def scheduler_of(name, config):
    made = getattr(diffusers, name)
    prepare(sys.modules[made.__module__])
    return made(**config)


def lost_of(row):
    """What float32 loses of a run in double."""
    config = dict(row["config"])
    scheduler = scheduler_of(config.pop("_class_name"), config)
    arguments = {k: row[k] for k in [*ARGUMENTS, "mu"] if k in row}
    wide = run(scheduler, row["steps"], wide=True, **arguments)
    return (torch.tensor(row["values"], dtype=torch.float64) - wide).abs().max().item()


def row_of(case):
    """The run of a case; none where diffusers fails, where its numbers are not finite (a difference
    that rounding made negative), and where it steps less than asked for."""
    name, options, steps = case
    arguments = {k: v for k, v in options.items() if k in ARGUMENTS or k == "mu"}
    config = {k: v for k, v in options.items() if k not in arguments}
    try:
        scheduler = scheduler_of(name, config)
        final = run(scheduler, steps, **arguments)
    except Exception as error:  # what diffusers does not take
        print(name, config, error, file=sys.stderr)
        return None
    if len(scheduler.timesteps) < steps or not torch.isfinite(final).all():
        return None
    if name == "PNDMScheduler" and len(scheduler._timesteps) != steps:
        return None
    row = dict(config=dict(_class_name=name, **config), steps=steps, **arguments)
    if DRAWN:
        row["draws"] = "".join("01"[i in DRAWN] for i in range(len(scheduler.timesteps)))
    return dict(row, values=[float(f"{x:.9g}") for x in final.tolist()])


def text_of_row(case):
    row = row_of(case)
    return row and json.dumps(row)


def text_with_lost(text):
    row = json.loads(text)
    lost = lost_of(row)
    return numpy.isfinite(lost) and json.dumps(dict(row, lost=lost))


def write(path, make, of):
    """The texts that make() makes, a line each, made on all cores."""
    count = 0
    with open(path, "w") as file, multiprocessing.Pool(os.cpu_count()) as pool:
        for text in pool.imap(make, of, chunksize=64):
            if text:
                count += 1
                file.write(text + "\n")
    print(path, count, "runs")


def pairs(case):
    _, options, steps = case
    values = sorted(json.dumps(option) for option in [*options.items(), ("steps", steps)])
    return set(itertools.combinations(values, 2))


def kept():
    """Of each class, runs that have all pairs together: the best of the next few, in an order that
    has nothing to do with that of the options, until no pair is missing."""
    classes = {}
    for case in cases():
        classes.setdefault(case[0], []).append(case)
    for name, of_class in classes.items():
        missing = set()
        for case in of_class:
            missing |= pairs(case)
        of_class.sort(key=lambda case: zlib.crc32(json.dumps(case).encode()))
        before = -1
        while missing and before != len(missing):
            before = len(missing)
            for start in range(0, len(of_class), 200):
                new, _, best = max(((pairs(case) & missing, -i, case) for i, case
                                    in enumerate(of_class[start:start + 200])),
                                   key=lambda candidate: (len(candidate[0]), candidate[1]))
                row = new and row_of(best)
                lost = row and lost_of(row)
                if row and numpy.isfinite(lost):
                    missing -= new
                    yield json.dumps(dict(row, lost=float(f"{lost:.2g}")))
                if not missing:
                    break


def main(what="golden", *arguments):
    if what == "matrix":
        path, part, *names = arguments
        first, every = map(int, part.split("/"))
        chosen = (c for c in cases() if not names or c[0] in names)
        write(path, text_of_row, itertools.islice(chosen, first, None, every))
    elif what == "lost":
        write(arguments[1], text_with_lost, open(arguments[0]))
    else:
        lines = [f'R"({text})",\n' for text in kept()]
        pathlib.Path(__file__).parents[1].joinpath("golden/samplers.inc").write_text(
            f"// Written by tests/peers/samplers.py with diffusers {diffusers.__version__}, "
            f"torch {torch.__version__.split('+')[0]}.\n"
            "// Each row: the configuration, the number of steps, arguments of step(), in which steps\n"
            "// noise was drawn, the sample after the steps, what float32 lost of a run in double.\n"
            + "".join(lines))
        print(len(lines), "runs")


if __name__ == "__main__":
    main(*sys.argv[1:])
