"""How the goldens of models are written: tests/golden/numbers.hpp says what their structs hold."""


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def names_and_shapes(parameters):
    return "".join(sorted(f"{name} {list(p.shape)}\n" for name, p in parameters))


def array(kind, name, items, a_line):
    items = list(items)
    rows = [", ".join(items[i : i + a_line]) for i in range(0, len(items), a_line)]
    return f"inline constexpr {kind} {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n"


def numbers(values):
    return [f"{v:.9g}" if v != int(v) else f"{v:.1f}" for v in values.tolist()]


def output(name, values):
    """Every seventh number, and the norm of all."""
    text = array("double", f"{name}_every_7", numbers(values.detach().flatten()[::7]), 6)
    return text + f"inline constexpr double {name}_norm = {values.norm():.12g};\n"


def gradients(name, parameters):
    rows = []
    for key, p in parameters:
        g = p.grad.flatten()
        a_few = ", ".join(numbers(g[[0, g.numel() // 2, -1]]))
        rows.append(f'{{"{key}", {g.norm():.9g}, {{{a_few}}}}}')
    return array("gradient", name, rows, 1)


def parameter_lists(models):
    """models: pairs of a name and what a model's named_parameters() are."""
    rows = []
    for name, parameters in models:
        parameters = list(parameters)
        listed = names_and_shapes(parameters)
        count = sum(p.numel() for _, p in parameters)
        rows.append(f'{{"{name}", {len(parameters)}, {count}, {fnv1a(listed):#x}}}')
    return array("parameter_list", "parameter_lists", rows, 1)


def header(script, peers, namespace, body):
    return (f"// Written by tests/peers/{script} with {peers}; see there.\n#pragma once\n\n"
            '#include "tests/golden/numbers.hpp"\n\n'
            f"namespace golden::{namespace} {{\n\n{body}\n}} // namespace golden::{namespace}\n")
