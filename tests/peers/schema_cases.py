"""Judges random values by random schemas, here and with jsonschema-rs, and tells where they differ.

schema_cases.py BENCH_SCHEMA [COUNT] [SEED]: BENCH_SCHEMA is build/release/tests/bench_schema, which
./dev bench schema builds. The exit status is 1 where a verdict differs.
"""
import json
import random
import subprocess
import sys

import jsonschema_rs

NAMES = ["a", "b", "ab", "longer_name", "longer_nape", ""]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
TEXTS = ["", "a", "ab", "b\u00e9", "\U0001f600\U0001f600", "aaaa", "longer text"]
NUMBERS = [0, 1, -1, 2, 3, 1.0, 1.5, 0.1, 0.3, -2.5, 10, 1e300, 9007199254740993, 18446744073709551615]
PATTERNS = ["^a", "b$", "^(a|b)+$", "[\u00e0-\u00ff]", "^.{2}$"]
DRAFTS = {"2020-12": jsonschema_rs.Draft202012Validator,
          "2019-09": jsonschema_rs.Draft201909Validator,
          "7": jsonschema_rs.Draft7Validator}


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, items):
        return self.random.choice(items)

    def some(self, items, most):
        return self.random.sample(items, self.random.randint(0, min(most, len(items))))

    def value(self, depth=0):
        kind = self.random.randrange(7 if depth < 3 else 4)
        if kind == 0:
            return self.one([None, True, False])
        if kind == 1:
            return self.one(NUMBERS)
        if kind in (2, 3):
            return self.one(TEXTS + NAMES)
        if kind == 4:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 4))]
        return {name: self.value(depth + 1) for name in self.some(NAMES, 4)}

    def schemas(self, depth, most=3):
        return [self.schema(depth + 1) for _ in range(self.random.randint(1, most))]

    def named(self, names, depth):
        return {name: self.schema(depth + 1) for name in self.some(names, 3)}

    def schema(self, depth=0):
        if depth > 3 or self.random.random() < 0.08:
            return self.one([True, False, {}, {"type": self.one(TYPES)}])
        made = {}
        for _ in range(self.random.randint(1, 3)):
            made.update(self.keyword(depth))
        return made

    def keyword(self, depth):
        several = [
            lambda: {"type": self.one(TYPES)},
            lambda: {"type": self.random.sample(TYPES, 3)},
            lambda: {"const": self.value(2)},
            lambda: {"enum": [self.value(2) for _ in range(3)]},
            lambda: {self.one(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]):
                     self.one(NUMBERS)},
            lambda: {"multipleOf": self.one([1, 2, 3, 0.5, 0.1, 1.5])},
            lambda: {self.one(["minLength", "maxLength", "minItems", "maxItems", "minProperties",
                               "maxProperties"]): self.random.randint(0, 4)},
            lambda: {"pattern": self.one(PATTERNS)},
            lambda: {"uniqueItems": True},
            lambda: {"required": self.some(NAMES, 2)},
            lambda: {"dependentRequired": {self.one(NAMES): self.some(NAMES, 2)}},
        ]
        nested = [
            lambda: {"properties": self.named(NAMES, depth), "required": self.some(NAMES, 2)},
            lambda: {"properties": self.named(NAMES, depth),
                     "additionalProperties": self.schema(depth + 1)},
            lambda: {"patternProperties": self.named(PATTERNS, depth),
                     "additionalProperties": self.schema(depth + 1)},
            lambda: {"propertyNames": self.schema(depth + 1)},
            lambda: {"prefixItems": self.schemas(depth), "items": self.schema(depth + 1)},
            lambda: {"items": self.schema(depth + 1)},
            lambda: {"contains": self.schema(depth + 1), "minContains": self.random.randint(0, 2),
                     "maxContains": self.random.randint(1, 3)},
            lambda: {"contains": self.schema(depth + 1)},
            lambda: {self.one(["allOf", "anyOf", "oneOf"]): self.schemas(depth)},
            lambda: {self.one(["anyOf", "oneOf"]): self.union(depth)},
            lambda: {"not": self.schema(depth + 1)},
            lambda: {"if": self.schema(depth + 1), "then": self.schema(depth + 1),
                     "else": self.schema(depth + 1)},
            lambda: {"dependentSchemas": self.named(NAMES, depth)},
            lambda: {"unevaluatedProperties": self.schema(depth + 1)},
            lambda: {"unevaluatedItems": self.schema(depth + 1)},
            lambda: {"$ref": self.one(["#/$defs/x", "#/$defs/y"])},
        ]
        return self.one(several + nested * 2)()

    def union(self, depth):
        """Branches that a constant tells apart, most of the time."""
        return [{"type": "object", "required": ["a"],
                 "properties": {"a": {"const": self.one(TEXTS)}, "b": self.schema(depth + 1)}}
                for _ in range(self.random.randint(2, 3))]

    def document(self):
        """Definitions refer to nothing, so that nothing goes in circles."""
        made = self.schema()
        if isinstance(made, dict):
            made["$defs"] = {"x": {"type": self.one(TYPES)},
                             "y": {"properties": {"a": {"type": self.one(TYPES)}},
                                   "minProperties": 1}}
        return made

    def case(self):
        draft = self.one(list(DRAFTS))
        return draft, self.document(), [self.value() for _ in range(8)]


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    maker = Maker(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cases = [maker.case() for _ in range(count)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    ours = subprocess.run([sys.argv[1], "judge"], input=lines, capture_output=True, text=True,
                          check=True).stdout.split("\n")
    different = total = valid = 0
    for (draft, schema, values), line in zip(cases, ours, strict=False):
        try:
            validator = DRAFTS[draft](schema)
            theirs = [str(int(validator.is_valid(value))) for value in values]
        except jsonschema_rs.ValidationError as refused:
            theirs = [f"refused: {str(refused).splitlines()[0]}"]
        total += len(values)
        valid += line.count("1")
        if line.split() != theirs:
            different += 1
            if different <= 20:
                print(draft, json.dumps(schema), json.dumps(values), "ours", line, "theirs", theirs)
    print(f"{total} values, {valid} of them valid; {different} of {count} schemas differ")
    sys.exit(1 if different else 0)


main()
