#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haiga::sched {

/// Seeds from a seed and the place in a tree, as numpy's SeedSequence makes them.
/// Source: O'Neill 2015, https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html;
/// numpy's documentation of numpy.random.SeedSequence.
template <std::size_t Pool>
class seed_sequence {
public:
    explicit seed_sequence(std::uint64_t entropy, std::span<std::uint32_t const> place = {})
    {
        std::vector<std::uint32_t> words{static_cast<std::uint32_t>(entropy)};
        if (entropy >> 32 != 0) {
            words.push_back(static_cast<std::uint32_t>(entropy >> 32));
        }
        if (!place.empty()) { // behind a full pool: short entropy cannot be taken for a place
            words.resize(Pool);
            words.insert(words.end(), place.begin(), place.end());
        }
        mix(words);
    }

    template <std::size_t N>
    [[nodiscard]] auto generate() const -> std::array<std::uint32_t, N>
    {
        std::array<std::uint32_t, N> state{};
        std::uint32_t hash = 0x8b51f9dd;
        for (std::size_t i = 0; i < N; ++i) {
            std::uint32_t value = pool_[i % Pool] ^ hash;
            hash *= 0x58f38ded;
            value *= hash;
            state[i] = value ^ (value >> 16);
        }
        return state;
    }

private:
    void mix(std::span<std::uint32_t const> words)
    {
        std::uint32_t hash = 0x43b0d7e5;
        auto const hashed = [&](std::uint32_t value) {
            value ^= hash;
            hash *= 0x931e8875;
            value *= hash;
            return value ^ (value >> 16);
        };
        auto const mixed = [](std::uint32_t x, std::uint32_t y) {
            std::uint32_t const value = 0xca01f9dd * x - 0x4973f715 * y;
            return value ^ (value >> 16);
        };
        for (std::size_t i = 0; i < Pool; ++i) {
            pool_[i] = hashed(i < words.size() ? words[i] : 0);
        }
        for (std::size_t from = 0; from < Pool; ++from) {
            for (std::size_t to = 0; to < Pool; ++to) {
                if (from != to) {
                    pool_[to] = mixed(pool_[to], hashed(pool_[from]));
                }
            }
        }
        for (std::size_t from = Pool; from < words.size(); ++from) {
            for (std::size_t to = 0; to < Pool; ++to) {
                pool_[to] = mixed(pool_[to], hashed(words[from]));
            }
        }
    }

    std::array<std::uint32_t, Pool> pool_{};
};

} // namespace haiga::sched
