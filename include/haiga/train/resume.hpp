#pragma once

#include "haiga/train/session.hpp"
#include "haiga/train/trainer.hpp"

namespace haiga::train {

struct resume_options {
    /// Going on in another environment than the last save's: the bytes may then differ from those
    /// of an uninterrupted run, and the session's history tells.
    bool allow_other = false;
    std::string_view how_to_allow = "allow_other"; ///< what a refusal says to ask for
};

/// A trainer at the last saved step of a session, or before its first. noted(line): what is told
/// when it goes on in another environment.
///
/// Errors: those of the session and of the trainer; mismatch where the session ran in another
///         environment, unless that is allowed.
template <device::host_backend B, io::file_system Files, class Noted>
auto resume(B& b, session<Files> const& s, resume_options options, Noted const& noted)
    -> result<trainer<B>>
{
    HAIGA_TRY(auto const photos, s.photos());
    HAIGA_TRY(auto const saved, s.state());
    auto const differs = saved ? difference(saved->environment(), environment_of(b)) : std::nullopt;
    if (differs && !options.allow_other) {
        return fail(errc::mismatch, s.folder().string(), ": the session ran with ", *differs,
                    ": going on would not give the same bytes (", options.how_to_allow,
                    " goes on all the same)");
    }
    HAIGA_TRY(auto made, trainer<B>::make(b, s.settings(), photos));
    if (saved) {
        HAIGA_TRY(auto losses, s.restore(*saved, made.state()));
        made.resume(saved->steps, std::move(losses));
    }
    if (differs) {
        noted(concat(s.folder().string(), ": the session ran with ", *differs, ", from step ",
                     saved->steps, " on"));
    }
    return made;
}

template <device::host_backend B, io::file_system Files>
auto resume(B& b, session<Files> const& s) -> result<trainer<B>>
{
    return resume(b, s, {}, [](std::string const&) {});
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
