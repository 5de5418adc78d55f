#pragma once

#include "haiga/base/config.hpp"
#include "haiga/base/result.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/pointer.hpp"
#include "haiga/schema/keyword.hpp"
#include "haiga/schema/metaschemas.hpp"
#include "haiga/schema/uri.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace haiga::schema::detail {

/// What keywords mean in a resource.
struct rules {
    schema::dialect dialect = schema::dialect::draft2020_12;
    vocabularies known = vocabularies::standard();
};

/// A schema with an identifier of its own, or a document's root.
struct resource {
    std::string uri;
    boost::json::value const* root;
    detail::rules rules;
    bool recursive_anchor = false;
};

struct anchor_entry {
    std::uint32_t resource;
    boost::json::value const* schema;
    bool dynamic;
};

/// Where a reference leads.
struct target {
    boost::json::value const* schema;
    std::uint32_t resource;
    std::string pointer; ///< within it
};

using fetch_function = std::function<result<boost::json::value>(std::string_view uri)>;

/// Documents, the identifiers in them, and what references to them mean. Nothing here recurses.
class registry {
public:
    registry(fetch_function fetch, dialect otherwise)
        : fetch_(std::move(fetch)), otherwise_(otherwise)
    {
    }

    /// The resource of a document's root; `document` must live as long as this does.
    /// Errors: unsupported for a $schema that is no draft of these, nor a metaschema built on one;
    ///         invalid for identifiers that are no text. Of two that are the same the first counts.
    auto add(boost::json::value const& document, std::string_view retrieved_from)
        -> result<std::uint32_t>
    {
        auto const from = resources_.size();
        rules initial{otherwise_, vocabularies::standard()};
        HAIGA_TRY_VOID(
            scan(document, add_resource(std::string(retrieved_from), document, initial)));
        return static_cast<std::uint32_t>(from);
    }

    /// What a reference in a resource means, whose document is fetched if need be.
    /// Errors: not_found, naming the URI.
    auto find(std::uint32_t from, std::string_view reference) -> result<target>
    {
        auto where = from;
        std::string fragment;
        if (reference.starts_with('#')) {
            fragment = percent_decoded(reference.substr(1));
        } else {
            auto const full = resolve_uri(resources_[from].uri, reference);
            auto const hash = full.find('#');
            HAIGA_TRY(where, resource_at(full.substr(0, hash)));
            fragment = hash == std::string::npos ? "" : percent_decoded(full.substr(hash + 1));
        }
        if (fragment.empty()) {
            return target{resources_[where].root, where, ""};
        }
        if (fragment.starts_with('/')) {
            return walk(where, fragment);
        }
        if (auto const at = anchors_.find({fragment, where}); at != anchors_.end()) {
            return target{at->second.schema, where, pointer_to(at->second)};
        }
        return fail(errc::not_found, "no schema is called \"", reference, '"');
    }

    /// The resource that a schema is the root of.
    [[nodiscard]] auto resource_of(boost::json::value const& schema, std::uint32_t inside) const
        -> std::uint32_t
    {
        auto const at = roots_.find(&schema);
        return at == roots_.end() ? inside : at->second;
    }

    [[nodiscard]] auto is_dynamic_anchor(std::uint32_t resource, std::string const& name) const
        -> bool
    {
        auto const at = anchors_.find({name, resource});
        return at != anchors_.end() && at->second.dynamic;
    }

    /// The dynamic anchors of a name, in all resources that are known so far.
    [[nodiscard]] auto dynamic_anchors(std::string const& name) const -> std::vector<anchor_entry>
    {
        std::vector<anchor_entry> found;
        for (auto at = anchors_.lower_bound({name, 0});
             at != anchors_.end() && at->first.first == name; ++at) {
            if (at->second.dynamic) {
                found.push_back(at->second);
            }
        }
        return found;
    }

    /// From its resource's root.
    auto pointer_to(anchor_entry const& anchor) -> std::string
    {
        if (!anchor_pointers_.contains(anchor.schema)) {
            find_pointers(anchor.resource);
        }
        return anchor_pointers_[anchor.schema];
    }

    [[nodiscard]] auto resources() const -> std::deque<resource> const& { return resources_; }

private:
    struct step {
        boost::json::value const* schema;
        std::uint32_t resource;
    };

    auto add_resource(std::string uri, boost::json::value const& root, rules r) -> std::uint32_t
    {
        auto const index = static_cast<std::uint32_t>(resources_.size());
        by_uri_.try_emplace(uri, index);
        roots_[&root] = index;
        resources_.push_back({std::move(uri), &root, r});
        return index;
    }

    auto resource_at(std::string const& uri) -> result<std::uint32_t>
    {
        if (auto const known = by_uri_.find(uri); known != by_uri_.end()) {
            return known->second;
        }
        HAIGA_TRY(auto const* const document, document_at(uri));
        auto const index = static_cast<std::uint32_t>(resources_.size());
        HAIGA_TRY_VOID(add(*document, uri));
        return index;
    }

    auto document_at(std::string const& uri) -> result<boost::json::value const*>
    {
        if (auto const text = metaschema_text(uri); !text.empty()) {
            HAIGA_TRY(auto parsed, json::parse(text));
            documents_.push_back(std::move(parsed));
        } else {
            auto fetched = fetch_(uri);
            if (!fetched) {
                return tl::unexpected(
                    std::move(fetched).error().within(concat("schema \"", uri, '"')));
            }
            documents_.push_back(std::move(*fetched));
        }
        return &documents_.back();
    }

    /// The rules of $schema.
    auto rules_of(std::string_view metaschema) -> result<rules>
    {
        auto name = std::string(metaschema.substr(0, metaschema.find('#')));
        if (auto const standard = dialect_of(name)) {
            return rules{*standard, vocabularies::standard()};
        }
        if (auto const known = custom_rules_.find(name); known != custom_rules_.end()) {
            return known->second;
        }
        auto const document = document_at(name);
        if (!document) {
            return fail(errc::unsupported, "$schema \"", name, "\": ", document.error().message);
        }
        HAIGA_TRY(auto const found, read_rules(**document, name));
        custom_rules_.emplace(name, found);
        return found;
    }

    /// A metaschema's own draft and vocabularies. Without $vocabulary it has those of its draft.
    static auto read_rules(boost::json::value const& metaschema, std::string_view name)
        -> result<rules>
    {
        auto const* const object = metaschema.if_object();
        auto const* const own = object != nullptr ? object->if_contains("$schema") : nullptr;
        auto const base = own != nullptr && own->is_string()
                              ? dialect_of(split_off_fragment(own->get_string()))
                              : std::nullopt;
        if (!base) {
            return fail(errc::unsupported, "$schema \"", name,
                        "\": not built on a draft from 07 on");
        }
        rules found{*base, vocabularies::standard()};
        auto const* const listed = object->if_contains("$vocabulary");
        if (listed != nullptr && listed->is_object()) {
            found.known = {};
            found.known.insert(vocabulary::core);
            for (auto const& [uri, required] : listed->get_object()) {
                auto const meaning = vocabulary_of(uri);
                if (!meaning && required == true) {
                    return fail(errc::unsupported, "$schema \"", name, "\": vocabulary \"",
                                std::string_view(uri), "\" is required, and not known");
                }
                if (meaning) {
                    found.known.insert(*meaning);
                }
                if (*base == dialect::draft2019_09 && meaning == vocabulary::applicator) {
                    found.known.insert(vocabulary::unevaluated);
                }
            }
        }
        return found;
    }

    static auto split_off_fragment(std::string_view uri) -> std::string_view
    {
        return uri.substr(0, uri.find('#'));
    }

    /// Notes the identifiers of a schema and of those in it.
    auto scan(boost::json::value const& root, std::uint32_t inside) -> result<>
    {
        std::vector<step> left{{&root, inside}};
        while (!left.empty()) {
            auto at = left.back();
            left.pop_back();
            if (auto const* const object = at.schema->if_object()) {
                HAIGA_TRY_VOID(note_identifiers(*at.schema, *object, at.resource));
                for_each_child(*object, resources_[at.resource].rules.dialect,
                               [&](auto const& child, std::string_view, child_token) {
                                   left.push_back({&child, at.resource});
                               });
            }
        }
        return {};
    }

    auto text_of(boost::json::object const& schema, std::string_view key)
        -> result<std::string_view>
    {
        auto const* const found = schema.if_contains(key);
        if (found == nullptr) {
            return std::string_view();
        }
        if (!found->is_string()) {
            return fail(errc::invalid, "schema: \"", key, "\" must be a string");
        }
        return std::string_view(found->get_string());
    }

    auto note_identifiers(boost::json::value const& value, boost::json::object const& schema,
                          std::uint32_t& inside) -> result<>
    {
        bool const root = resources_[inside].root == &value;
        bool identified = false;
        for (auto const& member : schema) {
            identified = identified || member.key().starts_with('$');
        }
        if (!identified) {
            return {};
        }
        auto const old = resources_[inside].rules.dialect == dialect::draft7;
        if (old && !root && schema.contains("$ref")) {
            return {};
        }
        HAIGA_TRY(auto id, text_of(schema, "$id"));
        auto const fragment = id.find('#');
        if (old && schema.contains("$ref")) {
            id = {};
        }
        if (!id.empty() && fragment == 0) {
            if (old) {
                add_anchor(id.substr(1), inside, value, false);
            }
            id = {};
        }
        if (root || !id.empty()) {
            auto rules = resources_[inside].rules;
            HAIGA_TRY(auto const metaschema, text_of(schema, "$schema"));
            if (!metaschema.empty()) {
                HAIGA_TRY(rules, rules_of(metaschema));
            }
            auto uri = id.empty() ? resources_[inside].uri
                                  : resolve_uri(resources_[inside].uri, split_off_fragment(id));
            if (root) {
                by_uri_.try_emplace(uri, inside);
                resources_[inside].uri = std::move(uri);
                resources_[inside].rules = rules;
            } else {
                inside = add_resource(std::move(uri), value, rules);
            }
        }
        return note_anchors(value, schema, inside);
    }

    auto note_anchors(boost::json::value const& value, boost::json::object const& schema,
                      std::uint32_t inside) -> result<>
    {
        auto const draft = resources_[inside].rules.dialect;
        if (draft == dialect::draft7) {
            return {};
        }
        HAIGA_TRY(auto const anchor, text_of(schema, "$anchor"));
        if (!anchor.empty()) {
            add_anchor(anchor, inside, value, false);
        }
        if (draft == dialect::draft2020_12) {
            HAIGA_TRY(auto const dynamic, text_of(schema, "$dynamicAnchor"));
            if (!dynamic.empty()) {
                add_anchor(dynamic, inside, value, true);
            }
        } else if (auto const* const flag = schema.if_contains("$recursiveAnchor");
                   flag != nullptr && *flag == true && resources_[inside].root == &value) {
            resources_[inside].recursive_anchor = true;
            add_anchor("", inside, value, true);
        }
        return {};
    }

    void add_anchor(std::string_view name, std::uint32_t inside, boost::json::value const& value,
                    bool dynamic)
    {
        auto& entry =
            anchors_.try_emplace({std::string(name), inside}, anchor_entry{inside, &value, false})
                .first->second;
        entry.dynamic = entry.dynamic || dynamic;
    }

    /// Which of a keyword's schemas: a name, an index, or neither where it holds a single one.
    struct child_token {
        std::optional<std::string_view> name = {};
        std::optional<std::size_t> index = {};
    };

    /// Calls visit(schema, keyword, token) for the schemas directly in one.
    template <class Visit>
    static void for_each_child(boost::json::object const& schema, dialect draft, Visit const& visit)
    {
        for (auto const& member : schema) {
            auto const* const entry = find_keyword(member.key(), draft);
            auto const kind = entry != nullptr ? entry->shape : shape::plain;
            auto const& value = member.value();
            if (kind == shape::schema || (kind == shape::either && !value.is_array())) {
                visit(value, entry->name, child_token{});
            } else if (kind != shape::plain && value.is_array()) {
                for (std::size_t i = 0; i < value.get_array().size(); ++i) {
                    visit(value.get_array()[i], entry->name, child_token{{}, i});
                }
            } else if (kind != shape::plain && value.is_object()) {
                for (auto const& item : value.get_object()) {
                    visit(item.value(), entry->name, child_token{item.key(), {}});
                }
            }
        }
    }

    /// Of a resource's anchors, all at once.
    void find_pointers(std::uint32_t where)
    {
        struct place {
            boost::json::value const* schema;
            std::size_t parent;
            std::string path;
        };
        std::set<boost::json::value const*> wanted;
        for (auto const& [key, entry] : anchors_) {
            if (entry.resource == where) {
                wanted.insert(entry.schema);
            }
        }
        std::vector<place> places{{resources_[where].root, 0, ""}};
        for (std::size_t n = 0; n < places.size(); ++n) {
            auto const* const schema = places[n].schema;
            if (wanted.contains(schema)) {
                std::string pointer;
                for (auto at = n; at != 0; at = places[at].parent) {
                    pointer.insert(0, places[at].path);
                }
                anchor_pointers_.emplace(schema, std::move(pointer));
            }
            if (schema->is_object() && resource_of(*schema, where) == where) {
                for_each_child(schema->get_object(), resources_[where].rules.dialect,
                               [&](auto const& child, std::string_view word, child_token token) {
                                   std::string path;
                                   json::append_token(path, word);
                                   if (token.name) {
                                       json::append_token(path, *token.name);
                                   } else if (token.index) {
                                       json::append_token(path, std::to_string(*token.index));
                                   }
                                   places.push_back({&child, n, std::move(path)});
                               });
            }
        }
    }

    /// Follows a pointer, through embedded resources too. What lies where no schema was looked for
    /// is looked through now.
    auto walk(std::uint32_t from, std::string_view pointer) -> result<target>
    {
        auto const* value = resources_[from].root;
        auto inside = from;
        std::string path;
        auto expected = shape::schema; // what `value` is
        bool scanned = true;
        for (auto rest = pointer; !rest.empty();) {
            auto const token = json::take_token(rest);
            auto const* const next = token ? json::child_at(*value, *token) : nullptr;
            if (next == nullptr) {
                return fail(errc::not_found, "nothing is at \"", resources_[from].uri, '#', pointer,
                            '"');
            }
            if (expected == shape::schema) {
                auto const* const entry = find_keyword(*token, resources_[inside].rules.dialect);
                expected = entry != nullptr ? entry->shape : shape::plain;
                expected =
                    expected == shape::either && !next->is_array() ? shape::schema : expected;
                scanned = scanned && expected != shape::plain;
            } else if (expected != shape::plain) {
                expected = shape::schema;
            }
            value = next;
            auto const own = resource_of(*value, inside);
            path = own == inside ? std::move(path) : std::string();
            if (own == inside) {
                json::append_token(path, *token);
            }
            inside = own;
        }
        if ((!scanned || expected != shape::schema) && rescanned_.insert(value).second) {
            HAIGA_TRY_VOID(scan(*value, inside));
            inside = resource_of(*value, inside);
        }
        return target{value, inside, std::move(path)};
    }

    fetch_function fetch_;
    dialect otherwise_;
    std::deque<boost::json::value> documents_; ///< fetched
    std::deque<resource> resources_;
    std::unordered_map<std::string, std::uint32_t> by_uri_;
    std::unordered_map<boost::json::value const*, std::uint32_t> roots_;
    std::map<std::pair<std::string, std::uint32_t>, anchor_entry> anchors_;
    std::unordered_map<boost::json::value const*, std::string> anchor_pointers_;
    std::map<std::string, rules> custom_rules_;
    std::set<boost::json::value const*> rescanned_;
};

} // namespace haiga::schema::detail
