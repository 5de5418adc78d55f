#pragma once

#include "haiga/train/session.hpp"
#include "haiga/train/trainer.hpp"

namespace haiga::train {

/// A trainer at the last saved step of a session, or before its first.
///
/// Errors: those of the session and of the trainer; mismatch where the session ran in another
///         environment, unless that is allowed: then the bytes may differ from those of an
///         uninterrupted run.
template <device::host_backend B, io::file_system Files>
auto resume(B& b, session<Files> const& s, bool allow_other_environment = false)
    -> result<trainer<B>>
{
    HAIGA_TRY(auto const photos, s.photos());
    HAIGA_TRY(auto made, trainer<B>::make(b, s.settings(), photos));
    HAIGA_TRY(auto const saved, s.state());
    if (saved) {
        if (!allow_other_environment) {
            HAIGA_TRY_VOID(check_same(saved->environment, environment_of(b)));
        }
        HAIGA_TRY(auto losses, s.restore(*saved, made.state()));
        made.resume(saved->steps, std::move(losses));
    }
    return made;
}

/// Steps until the recipe's last, saving as it says; told(report) after every step.
/// Errors: those of session::save; what was saved before remains.
template <device::host_backend B, io::file_system Files, class Told>
auto run_to_end(B& b, session<Files>& s, trainer<B>& t, Told const& told) -> result<>
{
    auto const& r = s.settings();
    while (t.steps_done() < r.steps) {
        told(t.step());
        if (t.steps_done() % r.save_every == 0 || t.steps_done() == r.steps) {
            HAIGA_TRY_VOID(s.save(t.steps_done(), environment_of(b), t.state(), t.losses()));
        }
    }
    return {};
}

} // namespace haiga::train
