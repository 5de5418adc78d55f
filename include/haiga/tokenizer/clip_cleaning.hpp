#pragma once

#include "haiga/tokenizer/lower_case.hpp"
#include "haiga/tokenizer/nfc.hpp"
#include "haiga/tokenizer/openai_cleaning.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace haiga::tokenizer {

/// Whose program is followed in what is done to a text before it is cut. Ordinary English is the
/// same to both.
enum class clip_cleaning : std::uint8_t {
    hugging_face, ///< transformers, and so Diffusers and what Stable Diffusion's users see
    openai,       ///< CLIP's own: it repairs text and resolves HTML's references
};

/// NFC and lower case of each character by itself. (That transformers also makes one space of white
/// space shows in no token.)
/// Source: transformers 5, models/clip/tokenization_clip.py, its normalizer.
inline auto hugging_face_cleaned(std::string_view text) -> std::string
{
    return lower_case(nfc(text));
}

} // namespace haiga::tokenizer
