#pragma once

#include "haiga/io/aside.hpp"
#include "haiga/io/file_system.hpp"

#include <filesystem>
#include <span>
#include <utility>

namespace haiga::io {

namespace detail {

/// A file beside its target that goes away again unless it was renamed.
template <file_system Files>
class aside_file {
public:
    static auto create(Files& files, std::filesystem::path const& target) -> result<aside_file>
    {
        constexpr int attempts = 100; // an earlier process may have left a file of the same name
        for (int i = 1;; ++i) {
            auto name = aside_name(target);
            auto sink = files.create(name, target);
            if (sink) {
                return aside_file(files, std::move(name), *std::move(sink));
            }
            if (sink.error().code != errc::exists || i == attempts) {
                return tl::unexpected(std::move(sink).error());
            }
        }
    }

    aside_file(aside_file&& other) noexcept
        : files_(std::exchange(other.files_, nullptr)), name_(std::move(other.name_)),
          sink_(std::move(other.sink_))
    {
    }
    auto operator=(aside_file&&) -> aside_file& = delete;
    ~aside_file()
    {
        if (files_ != nullptr) {
            static_cast<void>(files_->remove(name_));
        }
    }

    [[nodiscard]] auto sink() -> typename Files::sink& { return sink_; }
    [[nodiscard]] auto name() const -> std::filesystem::path const& { return name_; }

    auto rename_to(std::filesystem::path const& target) -> result<>
    {
        HAIGA_TRY_VOID(files_->rename(name_, target));
        files_ = nullptr;
        return {};
    }

private:
    aside_file(Files& files, std::filesystem::path name, typename Files::sink sink)
        : files_(&files), name_(std::move(name)), sink_(std::move(sink))
    {
    }

    Files* files_;
    std::filesystem::path name_;
    typename Files::sink sink_;
};

} // namespace detail

/// Makes a file visible under its name only when it is whole and on disk: writes aside in the same
/// folder, fsync, rename, fsync of the folder. `write` gets the sink and returns result<>; before
/// the file is renamed `check` gets its name aside. What killed processes left of the same file is
/// swept away first.
///
/// Law:    killed at any instant, the name holds what it held before, or the whole new file.
/// Errors: those of write and check; io, not_found. After any of them the name holds what it held
/// before and
///         the aside file is gone; only when the last step fails, the fsync of the folder, the new
///         file is there, whole, and a power cut may still bring back the earlier one.
template <file_system Files, class Writer, class Check>
auto publish_checked(Files& files, std::filesystem::path const& target, Writer&& write,
                     Check&& check) -> result<>
{
    static_cast<void>(remove_stale_asides(folder_of(target), target.filename()));
    HAIGA_TRY(auto aside, detail::aside_file<Files>::create(files, target));
    HAIGA_TRY_VOID(std::forward<Writer>(write)(aside.sink()));
    HAIGA_TRY_VOID(aside.sink().sync());
    HAIGA_TRY_VOID(std::forward<Check>(check)(aside.name()));
    HAIGA_TRY_VOID(aside.rename_to(target));
    return files.sync_folder(folder_of(target));
}

/// publish_checked for what needs no check.
template <file_system Files, class Writer>
auto publish_file(Files& files, std::filesystem::path const& target, Writer&& write) -> result<>
{
    return publish_checked(files, target, std::forward<Writer>(write),
                           [](std::filesystem::path const&) { return result<>{}; });
}

template <class Writer>
auto publish_file(std::filesystem::path const& target, Writer&& write) -> result<>
{
    local_files files;
    return publish_file(files, target, std::forward<Writer>(write));
}

/// publish_file for bytes that are there already.
inline auto publish_bytes(std::filesystem::path const& target, std::span<std::byte const> bytes)
    -> result<>
{
    return publish_file(target, [&](byte_sink auto& sink) { return sink.write(bytes); });
}

} // namespace haiga::io
