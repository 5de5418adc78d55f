// The floors of the house: tests/layers.txt says who may include whom, and this holds the tree to
// it.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

using names = std::vector<std::string>;
using tree = std::map<std::string, std::string>; ///< path below include/haiga or the root, text

struct door {
    names what;
    names places;
    bool sealed = false;
};

struct rules {
    std::map<std::string, names> modules;
    std::vector<door> doors;
    names kernels;
};

/// One header's includes: of this library (below haiga/), and of others.
struct header {
    std::string text; ///< without comments
    names own;
    names others;
};
using headers = std::map<std::string, header>;

auto read_rules(std::istream& in) -> rules
{
    rules r;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string kind;
        std::string word;
        words >> kind;
        if (kind == "module") {
            words >> word;
            auto& below = r.modules[word];
            while (words >> word) {
                below.push_back(word);
            }
        } else if (kind == "door" || kind == "sealed") {
            auto& d = r.doors.emplace_back();
            d.sealed = kind == "sealed";
            auto* list = &d.what;
            while (words >> word) {
                word == "in" ? static_cast<void>(list = &d.places) : list->push_back(word);
            }
        } else if (kind == "kernels") {
            while (words >> word) {
                r.kernels.push_back(word);
            }
        }
    }
    return r;
}

auto parse(std::string const& text) -> header
{
    header h;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        line.resize(std::min(line.size(), line.find("//")));
        auto const open = line.find_first_of("<\"");
        if (line.starts_with("#") && line.find("include") < open && open != std::string::npos) {
            auto name = line.substr(open + 1, line.find_first_of(">\"", open + 1) - open - 1);
            bool const own = name.starts_with("haiga/");
            (own ? h.own : h.others).push_back(own ? name.substr(6) : std::move(name));
        } else {
            h.text += line + '\n';
        }
    }
    return h;
}

auto parse(tree const& files) -> headers
{
    headers all;
    for (auto const& [path, text] : files) {
        all[path] = parse(text);
    }
    return all;
}

auto begins_with_one_of(std::string_view text, names const& prefixes) -> bool
{
    return std::ranges::any_of(prefixes, [&](auto const& p) { return text.starts_with(p); });
}

auto is_umbrella(std::string const& path) -> bool { return path.find('/') == std::string::npos; }
auto module_of(std::string const& path) -> std::string { return path.substr(0, path.find('/')); }

/// Everything that `next` leads to from `start`, start included.
auto reach(std::string const& start, std::function<names(std::string const&)> const& next)
    -> std::set<std::string>
{
    std::set<std::string> seen{start};
    for (names open{start}; !open.empty();) {
        auto const at = open.back();
        open.pop_back();
        for (auto const& to : next(at)) {
            if (seen.insert(to).second) {
                open.push_back(to);
            }
        }
    }
    return seen;
}

auto reachable_headers(headers const& all, std::string const& start)
{
    return reach(start, [&](auto const& path) {
        auto const found = all.find(path);
        return found == all.end() ? names{} : found->second.own;
    });
}

void check_modules(rules const& r, headers const& all, names& complaints)
{
    for (auto const& [path, h] : all) {
        if (is_umbrella(path)) {
            continue;
        }
        if (!r.modules.contains(module_of(path))) {
            complaints.push_back(path + " is in no module");
            continue;
        }
        auto const below = reach(module_of(path), [&](auto const& m) {
            auto const found = r.modules.find(m);
            return found == r.modules.end() ? names{} : found->second;
        });
        for (auto const& target : h.own) {
            if (!all.contains(target)) {
                complaints.push_back(path + " includes " + target + ", which is not there");
            } else if (is_umbrella(target)) {
                complaints.push_back(path + " includes the umbrella " + target);
            } else if (!below.contains(module_of(target))) {
                complaints.push_back(path + " includes " + target + ", which is not below it");
            }
            if (reachable_headers(all, target).contains(path)) {
                complaints.push_back(path + " and " + target + " include each other");
            }
        }
    }
}

/// Whether a name stands in a text by itself: "xt::view", and not "context::view".
auto names_it(std::string_view text, std::string_view name) -> bool
{
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
        if (at == 0 ||
            (std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0 && text[at - 1] != '_')) {
            return true;
        }
    }
    return false;
}

/// A header's own use of what is behind the door.
auto uses(header const& h, door const& d) -> bool
{
    return std::ranges::any_of(h.others,
                               [&](auto const& o) { return begins_with_one_of(o, d.what); }) ||
           std::ranges::any_of(d.what, [&](auto const& name) {
               return name.ends_with("::") && names_it(h.text, name);
           });
}

void check_doors(rules const& r, headers const& all, names& complaints)
{
    for (auto const& d : r.doors) {
        for (auto const& [path, h] : all) {
            if (begins_with_one_of(path, d.places)) {
                continue;
            }
            for (auto const& target : reachable_headers(all, path)) {
                bool const counts = d.sealed || target == path;
                if (counts && all.contains(target) && uses(all.at(target), d)) {
                    complaints.push_back(path + " reaches " + d.what.front() + " by " + target);
                }
            }
        }
    }
}

void check_kernels(rules const& r, headers const& library, headers const& kernels,
                   names& complaints)
{
    auto const check = [&](std::string const& path, header const& h) {
        for (auto const& other : h.others) {
            bool const standard = other.find_first_of("./") == std::string::npos;
            bool const neighbour = kernels.contains(other) || kernels.contains("kernels/" + other);
            if (!standard && !neighbour && !begins_with_one_of(other, r.kernels)) {
                complaints.push_back(path + " may not reach " + other);
            }
        }
    };
    for (auto const& [path, h] : kernels) {
        check(path, h);
        for (auto const& own : h.own) {
            for (auto const& target : reachable_headers(library, own)) {
                library.contains(target) ? check(path + " by " + target, library.at(target))
                                         : complaints.push_back(target + " is not there");
            }
        }
    }
}

/// An umbrella lists its module's headers, save those that a door names; haiga.hpp the umbrellas.
void check_umbrellas(rules const& r, headers const& all, names& complaints)
{
    std::map<std::string, std::set<std::string>> expected;
    for (auto const& [path, h] : all) {
        bool const direct = std::ranges::count(path, '/') == 1;
        bool const behind = std::ranges::any_of(r.doors, [&, &p = path](door const& d) {
            return std::ranges::find(d.places, p) != d.places.end();
        });
        if (direct && !behind) {
            expected[module_of(path) + ".hpp"].insert(path);
            expected["haiga.hpp"].insert(module_of(path) + ".hpp");
        }
    }
    for (auto const& [umbrella, list] : expected) {
        auto const found = all.find(umbrella);
        auto const have = found == all.end() ? names{} : found->second.own;
        if (std::set(have.begin(), have.end()) != list) {
            complaints.push_back(umbrella + " does not list its module: run ./dev format");
        }
    }
}

auto complaints_about(rules const& r, tree const& library, tree const& kernels) -> names
{
    names complaints;
    auto const all = parse(library);
    check_modules(r, all, complaints);
    check_doors(r, all, complaints);
    check_kernels(r, all, parse(kernels), complaints);
    check_umbrellas(r, all, complaints);
    return complaints;
}

auto read_tree(fs::path const& root, names const& endings, std::string const& prefix) -> tree
{
    tree files;
    if (fs::exists(root)) {
        for (auto const& entry : fs::recursive_directory_iterator(root)) {
            auto const extension = entry.path().extension().string();
            if (std::ranges::find(endings, extension) != endings.end()) {
                std::ostringstream text;
                text << std::ifstream(entry.path()).rdbuf();
                files[prefix + fs::relative(entry.path(), root).generic_string()] = text.str();
            }
        }
    }
    return files;
}

auto shipped_rules() -> rules
{
    std::ifstream in(fs::path(HAIGA_ROOT) / "tests/layers.txt");
    return read_rules(in);
}

/// The complaints about a small sound tree with one more file in it.
auto after_planting(std::string const& path, std::string const& text) -> names
{
    tree library{{"base/a.hpp", "#include <vector>\n"},
                 {"tensor/view.hpp", "#include \"haiga/base/a.hpp\"\n"},
                 {"device/cpu_onednn.hpp", "#include <dnnl.hpp>\n"},
                 {"device/cuda/abi.h", "#include <stdint.h>\n"},
                 {"nn/op.hpp", "#include \"haiga/tensor/view.hpp\" // Eigen::Map is elsewhere\n"},
                 {"base.hpp", "#include \"haiga/base/a.hpp\"\n"},
                 {"tensor.hpp", "#include \"haiga/tensor/view.hpp\"\n"},
                 {"nn.hpp", "#include \"haiga/nn/op.hpp\"\n"},
                 {"haiga.hpp", "#include \"haiga/base.hpp\"\n#include \"haiga/tensor.hpp\"\n"
                               "#include \"haiga/nn.hpp\"\n"}};
    tree kernels{{"kernels/k.cu", "#include \"haiga/device/cuda/abi.h\"\n#include <cstdint>\n"}};
    if (!path.empty()) {
        (path.starts_with("kernels/") ? kernels : library)[path] = text;
    }
    return complaints_about(shipped_rules(), library, kernels);
}

} // namespace

TEST_CASE("the tree keeps to its floors")
{
    fs::path const root = HAIGA_ROOT;
    auto const library = read_tree(root / "include/haiga", {".hpp", ".h", ".inl"}, "");
    auto const kernels = read_tree(root / "kernels", {".cu", ".cuh"}, "kernels/");
    REQUIRE(library.size() > 5);
    for (auto const& complaint : complaints_about(shipped_rules(), library, kernels)) {
        FAIL_CHECK(complaint);
    }
}

TEST_CASE("every edge goes down")
{
    auto const r = shipped_rules();
    for (auto const& [module, below] : r.modules) {
        for (auto const& next : below) {
            REQUIRE(r.modules.contains(next));
            auto const further = reach(next, [&](auto const& m) { return r.modules.at(m); });
            CHECK_MESSAGE(!further.contains(module), module, " and ", next, " stand on each other");
        }
    }
}

TEST_CASE("a broken floor is seen")
{
    CHECK(after_planting("", "").empty());
    CHECK(after_planting("nn/op.hpp", "context::view v;\n").empty()); // ends in xt::
    std::map<std::string, std::string> const planted{
        {"base/a.hpp", "#include \"haiga/tensor/view.hpp\"\n"}, // upwards
        {"tensor/view.hpp", "#include \"haiga/base.hpp\"\n"},   // an umbrella
        {"tensor/new.hpp", ""},                                 // missing in its umbrella
        {"brush/stroke.hpp", ""},                               // no such module
        {"nn/op.hpp", "#include <Eigen/Core>\n"},               // a door, by include
        {"nn/op.hpp ", "Eigen::MatrixXf f();\n"},               // a door, by name
        {"nn/op.hpp   ", "context::view v; xt::view w;\n"},
        {"nn/op.hpp  ", "# include \"haiga/device/cpu_onednn.hpp\"\n"}, // a sealed door, through
        {"kernels/k.cu", "#include <Eigen/Core>\n"},
        {"kernels/k.cu ", "#include \"haiga/device/cpu_onednn.hpp\"\n"}, // reaches dnnl
    };
    for (auto const& [path, text] : planted) {
        CAPTURE(path);
        CAPTURE(text);
        CHECK_FALSE(after_planting(path.substr(0, path.find(' ')), text).empty());
    }
}
