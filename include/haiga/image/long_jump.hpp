#pragma once

#include <csetjmp>

namespace haiga::image::detail {

/// Runs a step that calls C code which reports its errors by longjmp(escape); false if it did.
///
/// A jump skips destructors, so neither the step nor anything it calls may hold an object that has
/// one: whatever owns memory lives in the caller's frame. Kept out of line, so that no variable of
/// the caller shares a frame with setjmp.
template <class Step>
[[gnu::noinline]] auto survives(std::jmp_buf& escape, Step const& step) -> bool
{
    if (setjmp(escape) != 0) { // NOLINT(cert-err52-cpp): the only way these libraries offer
        return false;
    }
    step();
    return true;
}

} // namespace haiga::image::detail
