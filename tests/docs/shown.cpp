// Docs show only code that is compiled: every block of C++ in README.md and docs/ stands, line by
// line, in some file of this folder.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct block {
    std::string language;
    std::string text;
};

auto root() -> fs::path { return HAIGA_ROOT; }

auto text_of(fs::path const& file) -> std::string
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Without indentation and empty lines; a line break before, between and behind.
auto plain_lines(std::string const& text) -> std::string
{
    std::string all = "\n";
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        auto const first = line.find_first_not_of(" \t");
        if (first != std::string::npos) {
            all += line.substr(first, line.find_last_not_of(" \t\r") + 1 - first) + '\n';
        }
    }
    return all;
}

/// What stands between ```language and ```.
auto blocks_of(std::string const& page) -> std::vector<block>
{
    std::vector<block> all;
    std::istringstream in(page);
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        auto const mark = line.find("```");
        if (mark != std::string::npos && line.find_first_not_of(' ') == mark) {
            inside = !inside;
            if (inside) {
                all.push_back({line.substr(mark + 3), {}});
            }
        } else if (inside) {
            all.back().text += line + '\n';
        }
    }
    return all;
}

auto is_compiled(std::string const& snippet, std::vector<std::string> const& sources) -> bool
{
    auto const wanted = plain_lines(snippet);
    return std::ranges::any_of(sources, [&](std::string const& source) {
        return plain_lines(source).find(wanted) != std::string::npos;
    });
}

auto files_in(fs::path const& folder, std::string const& extension) -> std::vector<fs::path>
{
    std::vector<fs::path> found;
    for (auto const& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == extension) {
            found.push_back(entry.path());
        }
    }
    return found;
}

auto pages() -> std::vector<fs::path>
{
    auto all = files_in(root() / "docs", ".md");
    all.push_back(root() / "README.md");
    return all;
}

} // namespace

TEST_CASE("docs: a block is found in a source, however it is indented, and only whole")
{
    auto const blocks = blocks_of("text\n```cpp\nint a;\n\n  int b;\n```\n``` \nmore\n```\n");
    REQUIRE(blocks.size() == 2);
    CHECK(blocks[0].language == "cpp");
    CHECK(is_compiled(blocks[0].text, {"", "void f()\n{\n    int a;\n    int b;\n}\n"}));
    CHECK(!is_compiled(blocks[0].text, {"int a;\nint c;\nint b;\n"}));
    CHECK(!is_compiled(blocks[0].text, {"constexpr int a;\nint b;\n"}));
    CHECK(!is_compiled(blocks[0].text, {"int a;\nint b; int c;\n"}));
    CHECK(!is_compiled(blocks[0].text, {}));
}

TEST_CASE("docs: every block of C++ is compiled in tests/docs")
{
    std::vector<std::string> sources;
    for (auto const& file : files_in(root() / "tests" / "docs", ".cpp")) {
        sources.push_back(text_of(file));
    }
    int shown = 0;
    for (auto const& page : pages()) {
        for (auto const& b : blocks_of(text_of(page))) {
            CAPTURE(page.string());
            CAPTURE(b.text);
            CHECK_MESSAGE(!b.language.empty(), "a block that does not say its language");
            if (b.language == "cpp") {
                ++shown;
                CHECK(is_compiled(b.text, sources));
            }
        }
    }
    CHECK(shown > 0);
}

TEST_CASE("docs: modules.md has a section for every module, and pages name headers that exist")
{
    auto const modules = text_of(root() / "docs" / "modules.md");
    for (auto const& entry : fs::directory_iterator(root() / "include" / "haiga")) {
        auto const name = entry.path().stem().string();
        if (entry.path().extension() == ".hpp" && name != "haiga") {
            CAPTURE(name);
            CHECK(modules.find("\n## " + name + '\n') != std::string::npos);
        }
    }
    std::regex const header(R"(`(?:haiga/)?([a-z_0-9/]+\.hpp))"
                            "`");
    for (auto const& page : pages()) {
        auto const text = text_of(page);
        for (std::sregex_iterator i(text.begin(), text.end(), header), end; i != end; ++i) {
            auto const name = (*i)[1].str();
            CAPTURE(page.string());
            CAPTURE(name);
            CHECK((fs::exists(root() / name) || fs::exists(root() / "include" / name) ||
                   fs::exists(root() / "include" / "haiga" / name)));
        }
    }
}
