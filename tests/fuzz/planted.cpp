#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

// Shows that the harness finds bugs: this reader believes the length byte behind its mark. A run
// that does not report a heap-buffer-overflow here has not looked.

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    constexpr char mark[] = {'h', 'a', 'i', 'g', 'a'};
    if (size <= sizeof mark || std::memcmp(data, mark, sizeof mark) != 0) {
        return 0;
    }
    std::vector<std::uint8_t> const copy(data + sizeof mark + 1,
                                         data + sizeof mark + 1 + data[sizeof mark]);
    return copy.size() > 255 ? 1 : 0;
}
