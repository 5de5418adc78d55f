"""What haiga needs from outside, all of it on this machine."""

def haiga_repositories(root = ""):
    """Declares them.

    Args:
      root: from the calling workspace to haiga's folder, ending in a slash; "" in haiga itself.
    """
    native.local_repository(name = "rules_cc", path = root + "bazel/rules_cc")
    native.local_repository(name = "remote_coverage_tools", path = root + "bazel/coverage")
    native.new_local_repository(
        name = "haiga_system",
        build_file = "@haiga//bazel:system.BUILD",
        path = "/usr/include",
    )
