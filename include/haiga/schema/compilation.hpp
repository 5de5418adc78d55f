#pragma once

#include "haiga/schema/program.hpp"
#include "haiga/schema/registry.hpp"

#include <array>
#include <unordered_map>
#include <utility>

namespace haiga::schema {

struct compile_options {
    dialect draft = dialect::draft2020_12; ///< of schemas without $schema
    bool assert_formats = false;           ///< else `format` is an annotation
    bool assert_content = false;           ///< base64 and application/json, as draft-07 allows
    bool annotations = true;               ///< kept for reports: titles, defaults, unknown keywords
    std::string uri = {};                  ///< where the schema was found
};

namespace detail {

/// What compiling one schema passes around: the program so far, schemas that are to be compiled,
/// and the keywords of the one that is being compiled.
class compilation {
public:
    compilation(registry& known, compile_options const& asked) : schemas(known), options(asked) {}

    registry& schemas;
    compile_options const& options;
    program out;

    // The schema that is being compiled.
    std::uint32_t current = 0;
    std::uint32_t inside = 0; ///< its resource
    std::vector<instruction> fast, full;

    std::vector<std::string> anchors; ///< that dynamic references name

    [[nodiscard]] auto rules() const -> detail::rules const&
    {
        return schemas.resources()[inside].rules;
    }
    [[nodiscard]] auto operator[](keyword word) const -> boost::json::value const*
    {
        return found_[static_cast<std::size_t>(word)];
    }

    void emit(opcode op, keyword word, std::uint32_t a = 0, std::uint32_t b = 0)
    {
        full.push_back({op, word, a, b});
        fast.push_back({op, word, a, b});
    }

    /// The block of a schema, which is compiled later if it has not been.
    auto block_of(boost::json::value const& schema, std::uint32_t resource, block_origin origin)
        -> std::uint32_t
    {
        auto const [at, is_new] =
            blocks_.try_emplace(&schema, static_cast<std::uint32_t>(out.blocks.size()));
        if (is_new) {
            out.blocks.push_back({});
            out.blocks.back().resource = schemas.resource_of(schema, resource);
            out.origins.push_back(origin);
            left_.push_back(&schema);
        }
        return at->second;
    }

    /// Of a schema within the current one, below a keyword and perhaps a name in it.
    auto child(boost::json::value const& schema, keyword word) -> std::uint32_t
    {
        return child_at(schema, word, [](std::string&) {});
    }
    auto child(boost::json::value const& schema, keyword word, std::string_view name)
        -> std::uint32_t
    {
        return child_at(schema, word, [&](std::string& path) { json::append_token(path, name); });
    }
    auto child(boost::json::value const& schema, keyword word, std::size_t index) -> std::uint32_t
    {
        return child_at(schema, word,
                        [&](std::string& path) { path.append("/").append(std::to_string(index)); });
    }

    /// Of what a reference in the current schema names.
    auto referred(std::string_view reference) -> result<std::pair<std::uint32_t, std::uint32_t>>
    {
        auto found = schemas.find(inside, reference);
        if (!found) {
            return tl::unexpected(std::move(found).error().within(where()));
        }
        auto const index =
            block_of(*found->schema, found->resource, {none, out.names.add(found->pointer)});
        return std::pair(index, found->resource);
    }

    auto anchor_index(std::string const& name) -> std::uint32_t
    {
        auto const at = std::find(anchors.begin(), anchors.end(), name);
        auto const index = static_cast<std::uint32_t>(at - anchors.begin());
        if (at == anchors.end()) {
            anchors.push_back(name);
        }
        return index;
    }

    /// Errors: too_large for a value that Boost.JSON, which copies by recursion, could not copy.
    auto add_value(keyword word, boost::json::value const& v) -> result<std::uint32_t>
    {
        if (is_deep(v)) {
            return fail(errc::too_large, where(), ": \"", name_of(word), "\" goes more than ",
                        most_levels, " brackets deep");
        }
        out.values.push_back(v);
        return static_cast<std::uint32_t>(out.values.size() - 1);
    }

    [[nodiscard]] static auto is_deep(boost::json::value const& root) -> bool
    {
        std::vector<std::pair<boost::json::value const*, std::size_t>> left;
        left.emplace_back(&root, std::size_t{0});
        while (!left.empty()) {
            auto const at = left.back();
            left.pop_back();
            if (at.second > most_levels) {
                return true;
            }
            auto const add = [&](boost::json::value const& v) {
                if (v.is_structured()) {
                    left.emplace_back(&v, at.second + 1);
                }
            };
            if (auto const* const items = at.first->if_array()) {
                std::for_each(items->begin(), items->end(), add);
            } else if (auto const* const object = at.first->if_object()) {
                for (auto const& member : *object) {
                    add(member.value());
                }
            }
        }
        return false;
    }

    /// Takes the next schema up: `left` is what it is, and operator[] has its keywords.
    auto next() -> boost::json::value const*
    {
        if (current_of_left_ == left_.size()) {
            return nullptr;
        }
        current = static_cast<std::uint32_t>(current_of_left_);
        auto const* const schema = left_[current_of_left_++];
        inside = out.blocks[current].resource;
        fast.clear();
        full.clear();
        found_.fill(nullptr);
        return schema;
    }

    void note(keyword word, boost::json::value const& v)
    {
        found_[static_cast<std::size_t>(word)] = &v;
    }

    /// Puts what was emitted into the program.
    void finish_block()
    {
        auto& b = out.blocks[current];
        b.fast = static_cast<std::uint32_t>(out.code.size());
        out.code.insert(out.code.end(), fast.begin(), fast.end());
        b.fast_end = b.full = static_cast<std::uint32_t>(out.code.size());
        out.code.insert(out.code.end(), full.begin(), full.end());
        b.full_end = static_cast<std::uint32_t>(out.code.size());
        bool const leaf = std::all_of(fast.begin(), fast.end(),
                                      [](auto const& i) { return i.op <= opcode::last_leaf; });
        b.height = leaf ? 0 : block::no_height;
    }

    /// "schema at URI#/pointer", for failures.
    [[nodiscard]] auto where() const -> std::string
    {
        auto const& b = out.blocks[current];
        if (out.resources.size() <= b.resource) {
            return concat("schema at ", path_of(current));
        }
        return concat("schema at ", absolute_location(out, current));
    }

    auto wrong(keyword word, std::string_view expected) const -> tl::unexpected<failure>
    {
        return fail(errc::invalid, where(), ": \"", name_of(word), "\" must be ", expected);
    }

private:
    static constexpr std::size_t most_levels = 512;

    template <class Append>
    auto child_at(boost::json::value const& schema, keyword word, Append const& append)
        -> std::uint32_t
    {
        path_.assign("/").append(name_of(word));
        append(path_);
        return block_of(schema, inside, {current, out.names.add(path_)});
    }

    [[nodiscard]] auto path_of(std::uint32_t which) const -> std::string
    {
        std::vector<std::string_view> steps;
        for (auto at = which; at != none; at = out.origins[at].parent) {
            steps.push_back(out.names[out.origins[at].path]);
        }
        std::string text = "#";
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            text.append(*step);
        }
        return text;
    }

    std::array<boost::json::value const*, keyword_count> found_{};
    std::unordered_map<boost::json::value const*, std::uint32_t> blocks_;
    std::vector<boost::json::value const*> left_; ///< by block
    std::size_t current_of_left_ = 0;
    std::string path_;
};

} // namespace detail
} // namespace haiga::schema
