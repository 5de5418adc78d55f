"""One library a target of CMakeLists.txt, one test program a module."""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_test")

def haiga_library(name, modules, also = [], **kwargs):
    """The headers of some modules, umbrellas included.

    Args:
      name: the target, as in CMake's haiga::name.
      modules: folders below include/haiga.
      also: further headers below include/haiga.
      **kwargs: for cc_library.
    """
    doors = ["include/haiga/**/" + d for d in ["tensor/as_*", "cpu_onednn*", "onednn/**", "cuda.hpp", "cuda/**", "beast/**"]]
    patterns = []
    for module in modules:
        patterns += ["include/haiga/%s%s" % (module, end) for end in [".hpp", "/**/*.hpp", "/**/*.inl"]]
    cc_library(
        name = name,
        hdrs = native.glob(patterns, exclude = doors, allow_empty = True) +
               ["include/haiga/" + header for header in also],
        includes = ["include"],
        visibility = ["//visibility:public"],
        **kwargs
    )

def haiga_test(module, library):
    cc_test(
        name = "test_" + module,
        srcs = native.glob([
            "tests/%s/*.cpp" % module,
            "tests/%s/*.hpp" % module,
            "tests/*.hpp",
            "tests/archetypes/*",
            "tests/golden/*",
            "tests/laws/*",
        ]),
        size = "small",
        deps = [":" + library, ":boost_json", ":test_main"],
    )
