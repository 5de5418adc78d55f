#pragma once

#include "tests/bench/support/only.hpp"

#include "haiga/io/publish.hpp"
#include "haiga/json/write.hpp"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace haiga::bench {

enum class better : std::uint8_t { smaller, larger };

/// One thing that was measured here and at a peer.
struct row {
    std::string name;
    double ours = 0;
    std::optional<double> peer = {};
    std::string peer_name = {};
    std::string unit = {};
    bench::better better = better::smaller;

    /// Above 1: we are ahead.
    [[nodiscard]] auto ratio() const -> std::optional<double>
    {
        if (!peer || *peer <= 0 || ours <= 0) {
            return {};
        }
        return better == better::smaller ? *peer / ours : ours / *peer;
    }
};

/// What a benchmark says: to people line by line, to programs as build/bench/NAME.json.
class report {
public:
    explicit report(std::string name) : name_(std::move(name)) {}

    /// Versions, machine, what was left out.
    void note(std::string text)
    {
        std::printf("%s\n", text.c_str());
        std::fflush(stdout);
        notes_.push_back(std::move(text));
    }

    void add(row r)
    {
        print(r);
        rows_.push_back(std::move(r));
    }

    /// All rows once more, together, and the file. Run from the root of the tree. A run of some
    /// cases alone leaves the file of all of them as it is.
    auto finish() const -> result<>
    {
        std::printf("\n");
        for (auto const& r : rows_) {
            print(r);
        }
        auto const folder = std::filesystem::path("build/bench");
        std::error_code ignored; // publishing names the folder if it is not there
        std::filesystem::create_directories(folder, ignored);
        auto const text = json::pretty(to_json());
        return io::publish_bytes(folder / (name_ + (only().empty() ? ".json" : ".only.json")),
                                 std::as_bytes(std::span(text)));
    }

private:
    static void print(row const& r)
    {
        std::printf("%-52s %10.2f %-8s", r.name.c_str(), r.ours, r.unit.c_str());
        if (r.peer) {
            std::printf(" %10.2f %5.2fx  %s", *r.peer, r.ratio().value_or(0), r.peer_name.c_str());
        }
        std::printf("\n");
        std::fflush(stdout);
    }

    [[nodiscard]] auto to_json() const -> boost::json::value
    {
        boost::json::array rows;
        for (auto const& r : rows_) {
            boost::json::object item{{"case", r.name}, {"ours", r.ours}};
            item["peer"] = r.peer ? boost::json::value(*r.peer) : boost::json::value();
            item["peer_name"] = r.peer ? boost::json::value(r.peer_name) : boost::json::value();
            item["unit"] = r.unit;
            item["ratio"] = r.ratio() ? boost::json::value(*r.ratio()) : boost::json::value();
            rows.push_back(std::move(item));
        }
        boost::json::array notes;
        for (auto const& text : notes_) {
            notes.push_back(boost::json::value(text));
        }
        return boost::json::object{{"notes", std::move(notes)}, {"rows", std::move(rows)}};
    }

    std::string name_;
    std::vector<std::string> notes_;
    std::vector<row> rows_;
};

} // namespace haiga::bench
