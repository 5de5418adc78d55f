#include "haiga/checkpoint/sharded_set.hpp"

#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/publish.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;
using checkpoint::sharded_set;

namespace {

using path = std::filesystem::path;

/// A file of tensors of one number each.
void save(path const& file, std::vector<std::string> const& names)
{
    float const value = 1;
    std::vector<checkpoint::named_tensor> tensors;
    for (auto const& name : names) {
        tensors.push_back({name, tensor_view<float const>(&value, {1})});
    }
    REQUIRE(io::publish_file(file, [&](io::byte_sink auto& sink) {
        return checkpoint::write_safetensors(sink, tensors);
    }));
}

auto index_of(path const& folder, std::string const& text) -> path
{
    auto file = folder / "model.safetensors.index.json";
    std::ofstream(file) << text;
    return file;
}

void check_refused(path const& index, std::string_view expected)
{
    auto const set = sharded_set::open_index(index);
    REQUIRE(!set);
    auto const said = set.error().to_string();
    CHECK_MESSAGE(said.find(expected) != said.npos, said);
}

} // namespace

TEST_CASE("an index names the file of each tensor")
{
    haiga_test::temporary_folder const here;
    save(here / "1.safetensors", {"a", "b"});
    save(here / "2.safetensors", {"c"});
    auto const set = sharded_set::open_index(index_of(
        here.path(), R"({"metadata": {"total_size": 12}, "weight_map": {"a": "1.safetensors",
                         "b": "1.safetensors", "c": "2.safetensors"}})"));
    REQUIRE_MESSAGE(set, set.error().to_string());
    CHECK(set->tensors().size() == 3);
    CHECK(set->files().size() == 2);
}

TEST_CASE("an index is written as it is read")
{
    checkpoint::shard_index const index{{{"a", "1.safetensors"}, {"b", "2.safetensors"}}, 8};
    auto const read = checkpoint::parse_shard_index(checkpoint::write_shard_index(index));
    REQUIRE(read);
    CHECK(read->files == index.files);
    CHECK(read->total_bytes == 8);
}

TEST_CASE("an index that does not tell the truth is refused")
{
    haiga_test::temporary_folder const here;
    save(here / "1.safetensors", {"a", "b"});
    auto const index = [&](std::string const& map) {
        return index_of(here.path(), R"({"weight_map": )" + map + "}");
    };
    check_refused(index(R"({"a": "1.safetensors"})"), "\"b\" is in 1.safetensors, where the index");
    check_refused(index(R"({"a": "1.safetensors", "b": "1.safetensors", "c": "1.safetensors"})"),
                  "\"c\" is not in the file that the index names");
    check_refused(index(R"({"a": "3.safetensors"})"), "3.safetensors");
    check_refused(index(R"({"a": 1})"), "a");
    check_refused(index_of(here.path(), "{}"), "weight_map");
    check_refused(index_of(here.path(), "[1"), "index.json");
    check_refused(index(R"({"a": "1.safetensors", "a": "1.safetensors"})"), "a");
    check_refused(index_of(here.path(), std::string(100'000, '[')), "index.json");
}

TEST_CASE("no name in an index leads out of its folder")
{
    haiga_test::temporary_folder const here;
    std::filesystem::create_directory(here / "model");
    save(here / "outside.safetensors", {"a"});
    for (auto const* const name : {"../outside.safetensors", "/etc/passwd", "..", "", "a/b"}) {
        CAPTURE(name);
        check_refused(index_of(here / "model", concat(R"({"weight_map": {"a": ")", name, "\"}}")),
                      "is not the name of a file");
    }
    std::filesystem::create_symlink(here / "outside.safetensors", here / "model/link.safetensors");
    check_refused(index_of(here / "model", R"({"weight_map": {"a": "link.safetensors"}})"),
                  "a link that leads out of the folder");
}

TEST_CASE("the hub's cache may link to its blobs, and to nothing else")
{
    haiga_test::temporary_folder const here;
    auto const snapshot = here / "snapshots/models--a--b/snapshots/1234";
    std::filesystem::create_directories(snapshot);
    std::filesystem::create_directories(here / "snapshots/models--a--b/blobs");
    std::filesystem::create_directories(here / "blobs");
    save(here / "snapshots/models--a--b/blobs/abcd", {"a"});
    save(here / "blobs/other", {"a"});
    std::filesystem::create_symlink("../../blobs/abcd", snapshot / "1.safetensors");
    auto const index = index_of(snapshot, R"({"weight_map": {"a": "1.safetensors"}})");
    CHECK(sharded_set::open_index(index));
    std::filesystem::remove(snapshot / "1.safetensors");
    std::filesystem::create_symlink(here / "blobs/other", snapshot / "1.safetensors");
    check_refused(index, "a link that leads out of the folder");
}
