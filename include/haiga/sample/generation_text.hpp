#pragma once

#include "haiga/base/sha256.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/base/version.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/sample/picture_request.hpp"
#include "haiga/sched/sampler_title.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::sample {

/// How web UIs tell models apart: the first digits of a checksum of 64 KiB in the middle. Of a file
/// too short for that, and of a folder, there is none.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/sd_models.py, model_hash.
inline auto short_model_hash(std::filesystem::path const& file) -> std::string
{
    constexpr std::size_t from = 0x100000;
    constexpr std::size_t length = 0x10000;
    auto const mapped = io::mapped_file::open(file);
    if (!mapped || !has_bytes(mapped->bytes(), from, length)) {
        return {};
    }
    return sha256_hex(mapped->bytes().subspan(from, length)).substr(0, 8);
}

namespace detail {

/// The shortest decimals that mean the number.
inline auto number_text(double x) -> std::string
{
    char text[32];
    auto const end = std::to_chars(text, text + sizeof text, static_cast<float>(x)).ptr;
    return {text, end};
}

/// As JSON where a comma or a colon, or a line's end, would be taken for the list's.
inline auto quoted(std::string const& text) -> std::string
{
    return text.find_first_of(",:\n\"") == std::string::npos
               ? text
               : boost::json::serialize(boost::json::string(text));
}

/// Without zeros, and with U+FFFD for what is not UTF-8: PNG holds nothing else.
inline auto as_note(std::string_view text) -> std::string
{
    std::string note;
    while (!text.empty()) {
        auto const before = text;
        auto const c = take_utf8(text);
        auto const piece = before.substr(0, before.size() - text.size());
        note += c == U'\0' ? std::string_view() : c == 0xfffdU ? "\xef\xbf\xbd" : piece;
    }
    return note;
}

} // namespace detail

/// What is kept in a picture as "parameters": how it was made, as web UIs write and read it.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/processing.py, create_infotext, and
///         modules/infotext_utils.py.
inline auto generation_text(picture_request const& r, std::uint64_t seed,
                            std::filesystem::path const& model) -> std::string
{
    using detail::number_text;
    std::vector<std::pair<std::string, std::string>> facts{
        {"Steps", std::to_string(r.steps)}, {"Sampler", sched::sampler_title(r.scheduler)}};
    auto const add = [&](char const* key, std::string value) {
        if (!value.empty()) {
            facts.emplace_back(key, std::move(value));
        }
    };
    add("Schedule type", sched::schedule_title(r.scheduler));
    add("CFG scale", number_text(r.guidance.scale));
    add("CFG Rescale", r.guidance.rescale > 0 ? number_text(r.guidance.rescale) : "");
    add("Seed", std::to_string(seed));
    add("Size", concat(r.width, 'x', r.height));
    add("Model hash", short_model_hash(model));
    add("Model", detail::quoted(model.stem().string()));
    add("Denoising strength", r.init ? number_text(r.strength_or_default()) : "");
    add("Clip skip", r.clip_skip > 0 ? std::to_string(r.clip_skip + 1) : ""); // they count from 1
    add("Version", concat("haiga ", version));
    auto text = r.prompt;
    text += r.negative.empty() ? "" : concat("\nNegative prompt: ", r.negative);
    text += '\n';
    for (std::size_t i = 0; i < facts.size(); ++i) {
        text += concat(i == 0 ? "" : ", ", facts[i].first, ": ", facts[i].second);
    }
    return text;
}

/// The note that a picture carries.
inline auto generation_note(picture_request const& r, std::uint64_t seed,
                            std::filesystem::path const& model) -> image::text_chunk
{
    return {"parameters", detail::as_note(generation_text(r, seed, model))};
}

} // namespace haiga::sample
