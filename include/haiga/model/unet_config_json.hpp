#pragma once

#include "haiga/json/get.hpp"
#include "haiga/model/unet_config.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace haiga::model {

namespace detail {

/// f(key, member) for every key that a unet_config keeps.
template <class Config, class F>
void for_each_key(Config& c, F&& f)
{
    f("sample_size", c.sample_size);
    f("in_channels", c.in_channels);
    f("out_channels", c.out_channels);
    f("flip_sin_to_cos", c.flip_sin_to_cos);
    f("freq_shift", c.freq_shift);
    f("down_block_types", c.down_block_types);
    f("mid_block_type", c.mid_block_type);
    f("up_block_types", c.up_block_types);
    f("only_cross_attention", c.only_cross_attention);
    f("block_out_channels", c.block_out_channels);
    f("layers_per_block", c.layers_per_block);
    f("norm_num_groups", c.norm_num_groups);
    f("norm_eps", c.norm_eps);
    f("cross_attention_dim", c.cross_attention_dim);
    f("transformer_layers_per_block", c.transformer_layers_per_block);
    f("attention_head_dim", c.attention_head_dim);
    f("use_linear_projection", c.use_linear_projection);
    f("class_embed_type", c.class_embed_type);
    f("num_class_embeds", c.num_class_embeds);
    f("addition_embed_type", c.addition_embed_type);
    f("addition_time_embed_dim", c.addition_time_embed_dim);
    f("projection_class_embeddings_input_dim", c.projection_class_embeddings_input_dim);
    f("time_embedding_dim", c.time_embedding_dim);
    f("conv_in_kernel", c.conv_in_kernel);
    f("conv_out_kernel", c.conv_out_kernel);
}

struct fixed_key {
    std::string_view key;
    boost::json::array values; ///< what may stand there; empty: anything, for it changes nothing
};

/// The other keys of Diffusers' class, and those that its EMAModel leaves in the file.
inline auto fixed_keys() -> std::vector<fixed_key>
{
    return {{"_class_name", {"UNet2DConditionModel"}},
            {"act_fn", {"silu", "swish"}},
            {"center_input_sample", {false}},
            {"downsample_padding", {1}},
            {"mid_block_scale_factor", {1, 1.0}},
            {"dropout", {0, 0.0}},
            {"num_attention_heads", {nullptr}}, // Diffusers refuses it too: see attention_head_dim
            {"dual_cross_attention", {false}},
            {"reverse_transformer_layers_per_block", {nullptr}},
            {"encoder_hid_dim", {nullptr}},
            {"encoder_hid_dim_type", {nullptr}},
            {"resnet_time_scale_shift", {"default"}},
            {"resnet_skip_time_act", {false}},
            {"resnet_out_scale_factor", {1, 1.0}},
            {"time_embedding_type", {"positional"}},
            {"time_embedding_act_fn", {nullptr}},
            {"timestep_post_act", {nullptr}},
            {"time_cond_proj_dim", {nullptr}},
            {"attention_type", {"default"}},
            {"class_embeddings_concat", {false}},
            {"cross_attention_norm", {nullptr}},
            {"upcast_attention", {}},               // scores are never below fp32 here
            {"mid_block_only_cross_attention", {}}, // of a block type that is refused by name
            {"addition_embed_type_num_heads", {}},  // of an addition that is refused by name
            {"decay", {}},
            {"inv_gamma", {}},
            {"min_decay", {}},
            {"optimization_step", {}},
            {"power", {}},
            {"update_after_step", {}},
            {"use_ema_warmup", {}}};
}

/// Reads members by their keys, keeps the first failure, and remembers which keys it has met.
class key_reader {
public:
    explicit key_reader(boost::json::object const& object) : object_(object) {}

    template <class Member>
    void operator()(std::string_view key, Member& member)
    {
        met_.insert(key);
        auto const* const found = object_.if_contains(key);
        if (found == nullptr || !outcome_) {
            return;
        }
        outcome_ = read(*found, member).map_error([&](failure&& f) {
            f.message += concat("; found ", one_line(boost::json::serialize(*found), longest_echo));
            return std::move(f).within(concat('"', key, '"'));
        });
    }

    [[nodiscard]] auto outcome() const -> result<> const& { return outcome_; }

    /// Keys that were not read must hold what they are fixed to. Keys with "_" are Diffusers'
    /// notes.
    [[nodiscard]] auto check_others() const -> result<>
    {
        auto const fixed = fixed_keys();
        for (auto const& [name, found] : object_) {
            std::string_view const key = name;
            auto const at = std::ranges::find(fixed, key, &fixed_key::key);
            if (at != fixed.end()) {
                HAIGA_TRY_VOID(check_fixed(*at, found));
            } else if (!met_.contains(key) && !key.starts_with('_')) {
                return fail(errc::unsupported, '"', one_line(key, longest_echo),
                            "\" is not a key of UNet2DConditionModel");
            }
        }
        return {};
    }

private:
    template <class T>
    static auto read(boost::json::value const& found, T& member) -> result<>
    {
        HAIGA_TRY(member, json::as<T>(found));
        return {};
    }
    template <class T>
    static auto read(boost::json::value const& found, std::optional<T>& member) -> result<>
    {
        if (found.is_null()) {
            member.reset();
            return {};
        }
        return read(found, member.emplace());
    }
    template <class T>
    static auto read(boost::json::value const& found, per_level<T>& member) -> result<>
    {
        if (!found.is_array()) {
            HAIGA_TRY(member, json::as<T>(found));
            return {};
        }
        HAIGA_TRY(auto each, json::as<std::vector<T>>(found));
        member = per_level<T>(std::move(each));
        return {};
    }

    static auto check_fixed(fixed_key const& fixed, boost::json::value const& found) -> result<>
    {
        if (fixed.values.empty() || std::ranges::find(fixed.values, found) != fixed.values.end()) {
            return {};
        }
        return fail(errc::unsupported, '"', fixed.key, "\" may be ",
                    boost::json::serialize(fixed.values[0]), "; found ",
                    one_line(boost::json::serialize(found), longest_echo));
    }

    boost::json::object const& object_;
    std::set<std::string_view> met_;
    result<> outcome_;
};

class key_writer {
public:
    template <class Member>
    void operator()(std::string_view key, Member const& member)
    {
        object_[key] = write(member);
    }
    [[nodiscard]] auto take() && -> boost::json::object { return std::move(object_); }

private:
    template <class T>
    static auto write(T const& member) -> boost::json::value
    {
        return boost::json::value(member);
    }
    template <class T>
    static auto write(std::vector<T> const& member) -> boost::json::value
    {
        return boost::json::array(member.begin(), member.end());
    }
    template <class T>
    static auto write(std::optional<T> const& member) -> boost::json::value
    {
        return member ? write(*member) : boost::json::value(nullptr);
    }
    template <class T>
    static auto write(per_level<T> const& member) -> boost::json::value
    {
        return member.values().size() == 1 ? write(member.at(0)) : write(member.values());
    }

    boost::json::object object_ = {{"_class_name", "UNet2DConditionModel"}};
};

} // namespace detail

/// A unet/config.json as Diffusers writes it; a key that is missing has Diffusers' default.
///
/// Errors: those of check(); mismatch for a value of the wrong kind; unsupported for a key that
///         nobody knows, or a setting that is not handled. Each names the key, what may stand there
///         and what was found.
inline auto read_unet_config(boost::json::value const& json) -> result<unet_config>
{
    HAIGA_TRY(auto const object, haiga::json::as<boost::json::object>(json));
    unet_config config;
    detail::key_reader reader(object);
    detail::for_each_key(config, reader);
    HAIGA_TRY_VOID(reader.outcome());
    HAIGA_TRY_VOID(reader.check_others());
    HAIGA_TRY_VOID(check(config));
    return config;
}

/// What Diffusers and read_unet_config read back.
inline auto write_unet_config(unet_config const& config) -> boost::json::object
{
    detail::key_writer writer;
    detail::for_each_key(config, writer);
    return std::move(writer).take();
}

} // namespace haiga::model
