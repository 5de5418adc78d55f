"""Validates what schema.cpp validates, with jsonschema-rs: told lines, answers in lines that begin
with "= ".

schema.py FOLDER, which holds NAME.schema.json and NAME.instance.json for each case. A line
"validate NAME TIMES" is answered with the verdict, the nanoseconds a validation, and those of the
same call with the schema `true`: what the binding takes to hand the value over. "compile NAME
TIMES" is answered with nanoseconds a compilation.
"""
import importlib.metadata
import json
import pathlib
import sys
import time

import jsonschema_rs


def say(*words):
    print("=", *words, flush=True)


def nanoseconds(call, times):
    start = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - start) / times


def main():
    folder = pathlib.Path(sys.argv[1])
    say("jsonschema-rs", importlib.metadata.version("jsonschema-rs"))
    anything = jsonschema_rs.validator_for(True)
    loaded = {}
    for line in sys.stdin:
        verb, name, times = line.split()
        if name not in loaded:
            schema, instance = (json.loads((folder / f"{name}.{part}.json").read_text())
                                for part in ("schema", "instance"))
            loaded[name] = schema, instance, jsonschema_rs.validator_for(schema)
        schema, instance, validator = loaded[name]
        if verb == "compile":
            say(nanoseconds(lambda: jsonschema_rs.validator_for(schema), int(times)))
            continue
        say(int(validator.is_valid(instance)),
            nanoseconds(lambda: validator.is_valid(instance), int(times)),
            nanoseconds(lambda: anything.is_valid(instance), int(times)))


main()
