#pragma once

#include "haiga/base/result.hpp"
#include "haiga/checkpoint/keys/place.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"

#include <algorithm>
#include <unordered_map>

namespace haiga::checkpoint {

/// The tensors of a checkpoint by name, and which naming they follow: what a layout is told from.
class named_tensors {
public:
    /// The tensors have to outlive this. Errors: invalid for a name that occurs twice.
    [[nodiscard]] static auto over(std::span<stored_tensor const> tensors, naming follows)
        -> result<named_tensors>
    {
        named_tensors all(follows);
        for (auto const& tensor : tensors) {
            if (!all.by_name_.emplace(tensor.name, &tensor).second) {
                return fail(errc::invalid, "two tensors are called \"", tensor.name, '"');
            }
        }
        return all;
    }

    [[nodiscard]] auto follows() const -> naming { return follows_; }

    /// Null where there is none.
    [[nodiscard]] auto find(std::string_view name) const -> stored_tensor const*
    {
        auto const at = by_name_.find(name);
        return at == by_name_.end() ? nullptr : at->second;
    }
    [[nodiscard]] auto find(place const& p) const -> stored_tensor const*
    {
        return find(p.name(follows_));
    }
    [[nodiscard]] auto has(place const& p) const -> bool { return find(p) != nullptr; }

    /// An extent of a tensor, which widths and counts are told from.
    /// Errors: not_found; mismatch where it has not so many axes; invalid for 0 and above 2^31.
    [[nodiscard]] auto extent(place const& p, int axis) const -> result<std::int64_t>
    {
        auto const* const tensor = find(p);
        if (tensor == nullptr) {
            return fail(errc::not_found, '"', p.name(follows_), "\" is missing");
        }
        if (tensor->dims.rank() <= axis) {
            return fail(errc::mismatch, '"', tensor->name, "\": expected at least ", axis + 1,
                        " axes, found ", tensor->dims);
        }
        constexpr std::int64_t most = std::int64_t{1} << 31U;
        auto const extent = tensor->dims[axis];
        if (extent < 1 || extent > most) {
            return fail(errc::invalid, '"', tensor->name, "\": ", tensor->dims,
                        " is no shape of a parameter");
        }
        return extent;
    }

    /// How many parts NAME.0, NAME.1, ... a place has, told by a tensor that each of them holds.
    [[nodiscard]] auto count(place const& list, std::string_view each) const -> int
    {
        int n = 0;
        while (has(list.at(concat(n)).at(each))) {
            ++n;
        }
        return n;
    }

private:
    explicit named_tensors(naming follows) : follows_(follows) {}

    std::unordered_map<std::string_view, stored_tensor const*> by_name_;
    naming follows_;
};

} // namespace haiga::checkpoint
